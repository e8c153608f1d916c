//! Where the programs are that are run often.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// `git`, looked up on `PATH` once. A program that is named by its path can be started without a copy of the page
/// tables of this process; by name, and with an environment of its own, it cannot. That is a tenth of a large rehearsal.
pub(crate) fn git() -> &'static Path {
    static GIT: OnceLock<PathBuf> = OnceLock::new();
    // If there is none, whoever starts it says so.
    GIT.get_or_init(|| which::which("git").unwrap_or_else(|_| PathBuf::from("git")))
}
