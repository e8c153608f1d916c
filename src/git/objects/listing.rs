//! The names of a tree's files.

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
}
