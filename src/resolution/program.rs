//! The `git` program in a work tree of ours, and what can go wrong there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::ids::InvalidId;
use crate::programs::local_git;

/// Why a work tree cannot be made, or its result not taken.
#[derive(Debug, thiserror::Error)]
pub enum WorkTreeError {
    /// The disk refuses.
    #[error("failed to {doing} `{}`: {source}", path.display())]
    Disk {
        /// What was tried, as a verb with its object.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The `git` program cannot be run.
    #[error("failed to run `git`: {0}")]
    NoGit(#[source] std::io::Error),
    /// It failed.
    #[error("`git {command}` failed: {message}")]
    Git {
        /// The subcommand.
        command: String,
        /// The last of what it said.
        message: String,
    },
    /// It would not pick the rest of the fix, and not because of a conflict.
    #[error("`git cherry-pick --continue` stopped: {message}")]
    Stopped {
        /// The work tree.
        place: PathBuf,
        /// The last of what it said.
        message: String,
    },
    /// The branch's own text was kept everywhere: nothing is left of the fix.
    #[error("nothing is left of the fix: what is resolved is what the branch had before")]
    NothingLeft {
        /// The work tree.
        place: PathBuf,
    },
    /// The rest of the fix conflicts, too.
    #[error("the next commit of the fix conflicts, too: {}", paths.join(", "))]
    StillConflicts {
        /// The work tree.
        place: PathBuf,
        /// The files.
        paths: Vec<String>,
    },
    /// What it printed is no commit.
    #[error(transparent)]
    Id(#[from] InvalidId),
}

impl WorkTreeError {
    /// Says what was tried with a path when it failed.
    pub(super) fn to(doing: &'static str, path: &Path) -> impl Fn(std::io::Error) -> WorkTreeError + Copy {
        move |source| WorkTreeError::Disk { doing, path: path.to_owned(), source }
    }
}

/// `git`, not led astray by where we were started. Hooks of the user's own (`core.hooksPath`) stay out of what is under
/// embargo (BP-45).
pub(super) fn git() -> Command {
    let mut command = local_git();
    command.env("GIT_TERMINAL_PROMPT", "0").args(["-c", "core.hooksPath=/dev/null"]);
    command
}

pub(super) fn run(mut command: Command) -> Result<Output, WorkTreeError> {
    command.output().map_err(WorkTreeError::NoGit)
}

pub(super) fn succeeded(output: &Output, command: &str) -> Result<String, WorkTreeError> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(WorkTreeError::Git { command: command.to_owned(), message: last_words(output) })
}

/// Git's own hints speak of commands that a manager need not know.
pub(super) fn last_words(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("hint:")).collect();
    lines.iter().rev().take(3).rev().copied().collect::<Vec<_>>().join("; ")
}
