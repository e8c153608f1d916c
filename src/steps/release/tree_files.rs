//! The files of a commit's tree, as the version room reads them.

use std::cell::OnceCell;

use crate::git::{GitError, Store};
use crate::ids::{CommitId, TreeId};
use crate::version::{FileChange, TreeFile, TreeReader, glob_matches};

/// Read access to the tree of one commit. The list of paths is made when a glob first asks for it.
pub struct TreeFiles<'a> {
    store: &'a Store,
    tree: TreeId,
    paths: OnceCell<Vec<String>>,
}

impl<'a> TreeFiles<'a> {
    /// The files of this commit.
    ///
    /// # Errors
    /// When the store lacks the commit.
    pub fn of(store: &'a Store, commit: &CommitId) -> Result<TreeFiles<'a>, GitError> {
        Ok(TreeFiles::in_tree(store, store.tree_of(commit)?))
    }

    /// The files of this tree.
    #[must_use]
    pub fn in_tree(store: &'a Store, tree: TreeId) -> TreeFiles<'a> {
        TreeFiles { store, tree, paths: OnceCell::new() }
    }
}

/// The tree with these files as they become.
///
/// # Errors
/// When the store cannot be written.
pub(in crate::steps) fn with_changes(
    store: &Store,
    tree: &TreeId,
    changes: &[FileChange],
) -> Result<TreeId, GitError> {
    let files: Vec<(&str, Option<&[u8]>)> =
        changes.iter().map(|change| (change.path.as_str(), Some(change.bytes.as_slice()))).collect();
    store.with_files(tree, &files)
}

impl TreeReader for TreeFiles<'_> {
    fn entry(&self, path: &str) -> Option<TreeFile> {
        let bytes = self.store.read_file_in_tree(&self.tree, path).ok()??;
        let is_link = self.store.is_link(&self.tree, path).ok()?;
        Some(if is_link {
            TreeFile::Link(String::from_utf8_lossy(&bytes).into_owned())
        } else {
            TreeFile::File(bytes)
        })
    }

    fn list(&self, glob: &str) -> Vec<String> {
        let paths = self.paths.get_or_init(|| self.store.paths(&self.tree).unwrap_or_default());
        paths.iter().filter(|path| glob_matches(glob, path)).cloned().collect()
    }
}
