//! What a repository's catalog says about its lock files: `[[repo.lock-file]]`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::command::{CommandLine, TestCommand};
use super::time_limit::TimeLimit;

/// A command that writes lock files again. Where a fix conflicts in nothing else, the branch's own lock files are kept for
/// the pick, and then this runs in a clean checkout of the picked tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LockFileCommand {
    /// The files that the command writes, as paths from the root of the repository. Of what it leaves, these alone are
    /// taken; if it changes any other file of the repository, nothing is.
    pub files: LockFilePaths,
    /// What is run, in the root of the checkout. It should need no network, and should change no more than it must, as
    /// `["cargo", "update", "--workspace", "--offline"]`.
    pub run: CommandLine,
    /// After this long the command and everything it started is killed: seconds, or text such as `10m`.
    #[serde(default)]
    pub timeout: TimeLimit,
    /// Environment variables beside the few that are passed on. Not a place for secrets: the catalog is kept in git.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// Paths of lock files; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[schemars(with = "Vec<String>")]
pub struct LockFilePaths(Vec<String>);

/// Not paths of lock files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLockFiles {
    /// There is none.
    #[error("`files` is empty; name the lock files that the command writes, such as `[\"Cargo.lock\"]`")]
    None,
    /// One is not a path inside the repository.
    #[error("`{0}` is not a path from the root of the repository, such as `Cargo.lock` or `fuzz/Cargo.lock`")]
    NotInside(String),
}

impl LockFileCommand {
    /// Whether the command writes this file.
    #[must_use]
    pub fn writes(&self, path: &str) -> bool {
        self.files.0.iter().any(|file| file == path)
    }

    /// The files that it writes.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.0.iter().map(String::as_str)
    }

    /// What the executor is given.
    #[must_use]
    pub fn command(&self) -> TestCommand {
        let plain = TestCommand::plain(self.run.to_string(), self.run.clone(), self.timeout);
        TestCommand { env: self.env.clone(), ..plain }
    }
}

impl TryFrom<Vec<String>> for LockFilePaths {
    type Error = InvalidLockFiles;

    fn try_from(paths: Vec<String>) -> Result<LockFilePaths, InvalidLockFiles> {
        if paths.is_empty() {
            return Err(InvalidLockFiles::None);
        }
        let outside = |path: &&String| path.split('/').any(|part| ["", ".", ".."].contains(&part));
        match paths.iter().find(outside) {
            Some(path) => Err(InvalidLockFiles::NotInside(path.clone())),
            None => Ok(LockFilePaths(paths)),
        }
    }
}

impl From<LockFilePaths> for Vec<String> {
    fn from(paths: LockFilePaths) -> Vec<String> {
        paths.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<LockFileCommand, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn files_and_the_command_are_read() {
        let rule =
            parse("files = ['Cargo.lock', 'fuzz/Cargo.lock']\nrun = ['cargo', 'update', '--workspace']");
        let rule = rule.unwrap();
        assert!(rule.writes("fuzz/Cargo.lock") && !rule.writes("Cargo.toml"));
        assert_eq!(rule.command().name, "cargo update --workspace");
        let again: LockFileCommand = serde_json::from_str(&serde_json::to_string(&rule).unwrap()).unwrap();
        assert_eq!(again, rule);
    }

    #[test]
    fn files_outside_the_repository_and_unknown_keys_are_refused() {
        assert!(parse("files = []\nrun = 'x'").unwrap_err().contains("`files` is empty"));
        for path in ["/etc/passwd", "../Cargo.lock", "fuzz//Cargo.lock", "./Cargo.lock"] {
            let error = parse(&format!("files = ['{path}']\nrun = 'x'")).unwrap_err();
            assert!(error.contains(&format!("`{path}` is not a path from the root")), "{error}");
        }
        assert!(parse("file = 'Cargo.lock'\nrun = 'x'").unwrap_err().contains("unknown field `file`"));
        assert!(parse("files = ['Cargo.lock']\nrun = []").unwrap_err().contains("`run` is empty"));
    }
}
