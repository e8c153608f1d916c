//! Calling the `git` program with an environment of its own, so that no configuration of the machine
//! (hooks paths, signing, prompts) changes what the emulated server does.

use std::path::Path;
use std::process::{Command, Output};

use crate::programs;

/// Why the `git` program did not do it.
#[derive(Debug, thiserror::Error)]
pub enum GitFailure {
    /// It did not start.
    #[error("the `git` program did not start")]
    Start(#[from] std::io::Error),
    /// It ended with an error.
    #[error("`git {arguments}` failed: {message}")]
    Failed {
        /// Its arguments.
        arguments: String,
        /// What it wrote to standard error.
        message: String,
    },
}

impl GitFailure {
    /// Whether there is no such program on this machine.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, GitFailure::Start(error) if error.kind() == std::io::ErrorKind::NotFound)
    }
}

/// The environment of every `git` process of the emulator.
fn environment() -> [(&'static str, &'static str); 9] {
    [
        ("HOME", "/nonexistent"),
        ("LC_ALL", "C"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        // A mirror may be a partial clone: a missing object is an error here, never a download.
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "safe.directory"),
        ("GIT_CONFIG_VALUE_0", "*"),
    ]
}

/// The program, in a repository, which its arguments do not name: a rehearsal's may be called as what is under embargo.
pub(crate) fn command(repository: &Path) -> Command {
    let mut command = Command::new(programs::git());
    command.env_clear().envs(environment());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.current_dir(repository);
    command
}

/// Runs it and returns its output, whatever the exit code.
pub(super) fn output(repository: &Path, arguments: &[&str]) -> Result<Output, GitFailure> {
    Ok(command(repository).args(arguments).output()?)
}

/// Runs it and returns what it printed.
pub(crate) fn answer(repository: &Path, arguments: &[&str]) -> Result<String, GitFailure> {
    let result = output(repository, arguments)?;
    if !result.status.success() {
        return Err(failed(arguments, &result));
    }
    Ok(String::from_utf8_lossy(&result.stdout).into_owned())
}

pub(super) fn failed(arguments: &[&str], result: &Output) -> GitFailure {
    GitFailure::Failed {
        arguments: arguments.join(" "),
        message: String::from_utf8_lossy(&result.stderr).trim().to_owned(),
    }
}

/// Brings a commit of one repository into another, under a reference there.
pub(crate) fn bring(from: &Path, into: &Path, commit: git2::Oid, reference: &str) -> Result<(), GitFailure> {
    let refspec = format!("+{commit}:{reference}");
    let from = from.to_string_lossy();
    let arguments =
        ["-c", "uploadpack.allowAnySHA1InWant=true", "fetch", "-q", "--no-tags", "--no-write-fetch-head"];
    let mut arguments = arguments.to_vec();
    arguments.extend([from.as_ref(), &refspec]);
    let result = output(into, &arguments)?;
    if result.status.success() { Ok(()) } else { Err(failed(&arguments, &result)) }
}
