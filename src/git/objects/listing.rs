//! The names of a tree's files.

use std::path::Path;

use git2::{ObjectType, TreeWalkMode, TreeWalkResult};

use super::store::Store;
use crate::git::error::{GitError, WhileDoing};
use crate::ids::TreeId;

impl Store {
    /// The paths of all files of a tree, in git's order. Submodules are left out: they hold no files here.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the tree is not here.
    pub fn paths(&self, tree: &TreeId) -> Result<Vec<String>, GitError> {
        let found = self.find_tree(tree)?;
        let mut paths = Vec::new();
        found
            .walk(TreeWalkMode::PreOrder, |folder, entry| {
                if entry.kind() == Some(ObjectType::Blob) {
                    paths.push(format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes())));
                }
                TreeWalkResult::Ok
            })
            .doing(|| format!("list tree {tree}"))?;
        Ok(paths)
    }

    /// Whether a tree has a symbolic link at this path.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the tree is not here.
    pub fn is_link(&self, tree: &TreeId, path: &str) -> Result<bool, GitError> {
        let entry = self.find_tree(tree)?.get_path(Path::new(path));
        Ok(entry.is_ok_and(|entry| entry.filemode() == i32::from(git2::FileMode::Link)))
    }
}
