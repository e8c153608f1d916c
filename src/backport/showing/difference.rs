//! What differs between two trees, as people read it and as the guards check it.

use git2::{DiffFormat, DiffLineType, DiffOptions};

use crate::git::plumbing::{WhileDoing, changes, tree_oid};
use crate::git::{GitError, Store};
use crate::ids::{CommitId, TreeId};

/// One line of a text difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct ChangedLine {
    /// The file, by its new name where it has one.
    pub path: String,
    /// The line's number on its own side, counted from 1.
    pub number: u32,
    /// Whether it came or went.
    pub change: LineChange,
    /// The line without its end. Bytes that are no UTF-8 are replaced.
    pub text: String,
}

/// Which way a line changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineChange {
    /// It went.
    Removed,
    /// It came.
    Added,
}

impl Store {
    /// The paths that differ between two trees, in tree order.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a tree is not here.
    pub fn changed_paths(&self, from: &TreeId, to: &TreeId) -> Result<Vec<String>, GitError> {
        let found = changes(self.raw(), tree_oid(from)?, tree_oid(to)?)?;
        Ok(found.into_iter().map(|change| String::from_utf8_lossy(&change.path).into_owned()).collect())
    }

    /// The unified patch from one tree to another, renames shown as such, binary files by name only.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a tree or a blob is not here.
    pub fn patch(&self, from: &TreeId, to: &TreeId) -> Result<String, GitError> {
        let mut text = Vec::new();
        let diff = self.diff(from, to)?;
        let printed = diff.print(DiffFormat::Patch, |_, _, line| {
            if let '+' | '-' | ' ' = line.origin() {
                text.extend_from_slice(line.origin().to_string().as_bytes());
            }
            text.extend_from_slice(line.content());
            true
        });
        printed.doing(|| format!("print the difference of {from} and {to}"))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Every line that came or went from one tree to another; binary files have none.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a tree or a blob is not here.
    pub fn changed_lines(&self, from: &TreeId, to: &TreeId) -> Result<Vec<ChangedLine>, GitError> {
        let mut lines = Vec::new();
        let diff = self.diff(from, to)?;
        let printed = diff.print(DiffFormat::Patch, |delta, _, line| {
            let (change, number) = match line.origin_value() {
                DiffLineType::Addition => (LineChange::Added, line.new_lineno()),
                DiffLineType::Deletion => (LineChange::Removed, line.old_lineno()),
                _ => return true,
            };
            let path = delta.new_file().path_bytes().or_else(|| delta.old_file().path_bytes());
            lines.push(ChangedLine {
                path: String::from_utf8_lossy(path.unwrap_or_default()).into_owned(),
                number: number.unwrap_or(0),
                change,
                text: String::from_utf8_lossy(line.content()).trim_end_matches(['\n', '\r']).to_owned(),
            });
            true
        });
        printed.doing(|| format!("read the difference of {from} and {to}"))?;
        Ok(lines)
    }

    /// The lines that a commit adds, for the leak guard.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the commit, its parent or a blob is not here.
    pub fn added_lines(&self, commit: &CommitId) -> Result<Vec<String>, GitError> {
        self.lines_that_are(LineChange::Added, commit)
    }

    /// The lines that a commit takes away, for the leak guard.
    ///
    /// # Errors
    /// As [`Store::added_lines`].
    pub fn removed_lines(&self, commit: &CommitId) -> Result<Vec<String>, GitError> {
        self.lines_that_are(LineChange::Removed, commit)
    }

    fn lines_that_are(&self, change: LineChange, commit: &CommitId) -> Result<Vec<String>, GitError> {
        let (from, to) = self.commit_trees(commit)?;
        let lines = self.changed_lines(&from, &to)?.into_iter();
        Ok(lines.filter(|line| line.change == change).map(|line| line.text).collect())
    }

    fn diff(&self, from: &TreeId, to: &TreeId) -> Result<git2::Diff<'_>, GitError> {
        let empty = git2::Oid::hash_object(git2::ObjectType::Tree, b"").ok();
        let open = |id: &TreeId| match tree_oid(id)? {
            // The empty tree need not be in a store to be compared with.
            raw if Some(raw) == empty => Ok(None),
            _ => self.find_tree(id).map(Some),
        };
        let (old, new) = (open(from)?, open(to)?);
        let mut options = DiffOptions::new();
        options.indent_heuristic(true);
        let diff = self.raw().diff_tree_to_tree(old.as_ref(), new.as_ref(), Some(&mut options));
        let mut diff = diff.doing(|| format!("compare {from} and {to}"))?;
        diff.find_similar(None).doing(|| format!("find renames between {from} and {to}"))?;
        Ok(diff)
    }
}
