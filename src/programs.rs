//! Where the programs are that are run often.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// `git`, looked up on `PATH` once. A program that is named by its path can be started without a copy of the page
/// tables of this process; by name, and with an environment of its own, it cannot. That is a tenth of a large rehearsal.
pub(crate) fn git() -> &'static Path {
    static GIT: OnceLock<PathBuf> = OnceLock::new();
    // If there is none, whoever starts it says so.
    GIT.get_or_init(|| which::which("git").unwrap_or_else(|_| PathBuf::from("git")))
}

/// Whether there is one.
pub(crate) fn is_git_there() -> bool {
    git().is_absolute()
}

/// What points git at a repository, wherever it stands.
const POINTERS: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_PREFIX",
];

/// `git` for work on this machine: not led astray by where we were started, and without the user's traces, which would write down
/// what is under embargo.
pub(crate) fn local_git() -> Command {
    let mut command = Command::new(git());
    POINTERS.iter().for_each(|name| _ = command.env_remove(name));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_trace) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether git, or one of its helpers, writes down what it does by this variable.
fn is_trace(name: &str) -> bool {
    name.starts_with("GIT_TRACE") || name == "GIT_CURL_VERBOSE"
}

#[cfg(test)]
mod tests {
    use super::is_trace;

    #[test]
    fn every_trace_is_known() {
        assert!(
            ["GIT_TRACE", "GIT_TRACE2_EVENT", "GIT_TRACE_PACKET", "GIT_CURL_VERBOSE"]
                .into_iter()
                .all(is_trace)
        );
        assert!(!is_trace("GIT_COMMITTER_NAME"));
    }
}
