//! Folders that are gone when a command ends.

use tempfile::TempDir;

use super::problem::{Problem, io_problem};
use crate::private_folder::private_folder;

/// An empty folder, named after what it is for.
pub(super) fn folder(purpose: &str) -> Result<TempDir, Problem> {
    private_folder(&format!("lockgate-{purpose}-"))
        .map_err(|error| io_problem("make a folder in", &std::env::temp_dir(), &error))
}
