//! Told histories: a directory of readable text from which a bare git repository is built.
//!
//! `history.toml` lists commits in order; each lays a directory of files over its branch or applies a patch.
//! Authors and dates are given, so the same text always gives the same commit ids, on every machine.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use super::error::HistoryError;
use crate::ids::BranchName;

/// The file that makes a directory a told history.
pub(super) const FILE: &str = "history.toml";

/// Everything that stands in `history.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ToldHistory {
    /// Another told history that comes first, relative to this one: what a fork or a private copy begins with.
    #[serde(default)]
    pub(super) begins_with: Option<PathBuf>,
    /// The commits, oldest first.
    #[serde(rename = "commit", default)]
    pub(super) commits: Vec<ToldCommit>,
}

/// One commit on top of a branch.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ToldCommit {
    /// The branch that it is made on.
    pub(super) branch: BranchName,
    /// The branch or tag from which a new branch starts.
    #[serde(default)]
    pub(super) from: Option<BranchName>,
    /// Author and committer.
    pub(super) author: Person,
    /// When, for author and committer alike.
    pub(super) date: Timestamp,
    /// The message; it ends with one line break.
    pub(super) message: String,
    /// A directory, relative to the history, whose files are laid over the tree.
    #[serde(default)]
    pub(super) files: Option<PathBuf>,
    /// A diff as `git diff` prints it (libgit2 wants the `diff --git` lines), relative to the history, that is
    /// applied to the tree.
    #[serde(default)]
    pub(super) patch: Option<PathBuf>,
    /// Paths that are removed.
    #[serde(default)]
    pub(super) delete: Vec<String>,
    /// Paths that become executable; those that are stay so.
    #[serde(default)]
    pub(super) executable: Vec<String>,
    /// A lightweight tag on this commit.
    #[serde(default)]
    pub(super) tag: Option<String>,
}

/// A name and an address, told as `Name <address>`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) address: String,
}

impl TryFrom<String> for Person {
    type Error = String;

    fn try_from(text: String) -> Result<Person, String> {
        let parts = text.strip_suffix('>').and_then(|rest| rest.split_once(" <"));
        let (name, address) = parts.ok_or_else(|| format!("`{text}` is not `Name <address>`"))?;
        Ok(Person { name: name.to_owned(), address: address.to_owned() })
    }
}

/// Whether the directory holds a told history (and not, say, a repository).
#[must_use]
pub fn is_told(directory: &Path) -> bool {
    directory.join(FILE).is_file()
}

/// The histories to be told one after the other, each with its directory.
pub(super) fn chapters(last: &Path) -> Result<Vec<(PathBuf, ToldHistory)>, HistoryError> {
    let mut chapters: Vec<(PathBuf, ToldHistory)> = Vec::new();
    let mut next = Some(last.to_owned());
    while let Some(directory) = next {
        let path = directory.join(FILE);
        let read = |source| HistoryError::Read { path: path.clone(), source };
        let directory = directory.canonicalize().map_err(read)?;
        if chapters.iter().any(|(seen, _)| *seen == directory) {
            return Err(HistoryError::Circular { path });
        }
        let text = std::fs::read_to_string(&path).map_err(read)?;
        let told: ToldHistory = toml::from_str(&text)
            .map_err(|source| HistoryError::Malformed { path: path.clone(), source: Box::new(source) })?;
        next = told.begins_with.as_ref().map(|earlier| directory.join(earlier));
        chapters.push((directory, told));
    }
    chapters.reverse();
    Ok(chapters)
}
