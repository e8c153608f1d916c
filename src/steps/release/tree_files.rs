//! The files of a commit's tree, as the version room reads them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::git::{GitError, Store};
use crate::ids::{CommitId, TreeId};
use crate::version::{FileChange, TreeFile, TreeReader, folder_of, matching};

/// Read access to the tree of one commit. The paths of a folder are listed when a glob first asks for them: a large tree has tens
/// of thousands, and most globs name the folder that they mean.
pub struct TreeFiles<'a> {
    store: &'a Store,
    tree: TreeId,
    paths: RefCell<BTreeMap<String, Rc<[String]>>>,
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
        TreeFiles { store, tree, paths: RefCell::default() }
    }

    fn paths_in(&self, folder: &str) -> Rc<[String]> {
        let known = self.paths.borrow().get(folder).cloned();
        known.unwrap_or_else(|| {
            let listed: Rc<[String]> = self.store.paths_in(&self.tree, folder).unwrap_or_default().into();
            self.paths.borrow_mut().insert(folder.to_owned(), Rc::clone(&listed));
            listed
        })
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
        let fits = matching(glob);
        self.paths_in(folder_of(glob)).iter().filter(|path| fits(path)).cloned().collect()
    }
}
