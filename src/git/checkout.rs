//! A tree as files on disk, for tests to run in.

use std::path::Path;

use git2::build::CheckoutBuilder;

use super::error::{Doing, GitError};
use super::store::Store;
use crate::ids::TreeId;

impl Store {
    /// Writes every file of a tree into an empty or new directory, byte for byte: no line endings are converted, no
    /// filter is run, no hook. Submodules become empty directories. Writes.
    ///
    /// # Errors
    /// [`GitError::NotEmpty`] if there is something in the directory; [`GitError::Libgit2`] if a blob is missing.
    pub fn checkout(&self, tree: &TreeId, directory: &Path) -> Result<(), GitError> {
        let file = |source| GitError::File { path: directory.to_owned(), source };
        std::fs::create_dir_all(directory).map_err(file)?;
        if std::fs::read_dir(directory).map_err(file)?.next().is_some() {
            return Err(GitError::NotEmpty { path: directory.to_owned() });
        }
        let found = self.find_tree(tree)?;
        let mut options = CheckoutBuilder::new();
        options.target_dir(directory).force().update_index(false).disable_filters(true);
        let written = self.raw().checkout_tree(found.as_object(), Some(&mut options));
        written.doing(|| format!("check out {tree} in `{}`", directory.display()))
    }
}
