//! Writing trees and commits without a work tree.

use git2::FileMode;
use git2::build::TreeUpdateBuilder;

use super::signature::Signature;
use super::store::{Store, commit_id, oid, tree_id};
use crate::git::error::{GitError, WhileDoing};
use crate::ids::{CommitId, TreeId};

impl Store {
    /// The tree that differs from `base` in these files only: bytes to write a file, `None` to remove it. Writes.
    ///
    /// A file that is there keeps its mode; a new one is an ordinary file. Removing what is not there is no error.
    ///
    /// # Errors
    /// [`GitError::BadPath`] for a path that a tree cannot hold, [`GitError::Missing`] if `base` is not here.
    pub fn with_files(&self, base: &TreeId, changes: &[(&str, Option<&[u8]>)]) -> Result<TreeId, GitError> {
        let tree = self.find_tree(base)?;
        let mut update = TreeUpdateBuilder::new();
        for (path, content) in changes {
            check_path(path)?;
            let there = tree.get_path(std::path::Path::new(path)).ok();
            match (content, there) {
                (Some(content), there) => {
                    let blob = self.raw().blob(content).doing(|| format!("write `{path}`"))?;
                    update.upsert(*path, blob, kept_mode(there.as_ref()));
                }
                (None, Some(_)) => {
                    update.remove(*path);
                }
                (None, None) => {}
            }
        }
        tree_id(update.create_updated(self.raw(), &tree).doing(|| format!("change tree {base}"))?)
    }

    /// Keeps this content as an object that nothing names yet.
    pub(crate) fn write_blob(&self, content: &[u8]) -> Result<git2::Oid, GitError> {
        self.raw().blob(content).doing(|| "write a file".to_owned())
    }

    /// The tree with nothing in it. Writes.
    ///
    /// # Errors
    /// [`GitError::Libgit2`] if the store cannot be written.
    pub fn empty_tree(&self) -> Result<TreeId, GitError> {
        let builder = self.raw().treebuilder(None).doing(|| "make an empty tree".to_owned())?;
        tree_id(builder.write().doing(|| "write the empty tree".to_owned())?)
    }

    /// Makes a commit; no reference moves. Writes.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the tree or a parent is not here.
    pub fn commit(
        &self,
        tree: &TreeId,
        parents: &[CommitId],
        message: &str,
        author: &Signature,
        committer: &Signature,
    ) -> Result<CommitId, GitError> {
        let tree = self.find_tree(tree)?;
        let parents = parents.iter().map(|id| self.find_commit(id)).collect::<Result<Vec<_>, _>>()?;
        let parents: Vec<_> = parents.iter().collect();
        let made = self
            .raw()
            .commit(None, &author.raw()?, &committer.raw()?, message, &tree, &parents)
            .doing(|| format!("commit tree {}", tree.id()))?;
        commit_id(made)
    }

    /// Whether a commit is in this store.
    #[must_use]
    pub fn has_commit(&self, id: &CommitId) -> bool {
        oid(id).is_ok_and(|id| self.raw().find_commit(id).is_ok())
    }
}

fn kept_mode(entry: Option<&git2::TreeEntry<'_>>) -> FileMode {
    match entry.map(git2::TreeEntry::filemode) {
        Some(0o100_755) => FileMode::BlobExecutable,
        Some(0o120_000) => FileMode::Link,
        _ => FileMode::Blob,
    }
}

fn check_path(path: &str) -> Result<(), GitError> {
    let bad =
        |part: &str| part.is_empty() || part == "." || part == ".." || part.eq_ignore_ascii_case(".git");
    if path.split('/').any(bad) || path.contains('\0') {
        return Err(GitError::BadPath(path.to_owned()));
    }
    Ok(())
}
