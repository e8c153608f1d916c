//! A tree as files on disk, for tests to run in.

use std::path::Path;

use git2::OdbLookupFlags;
use git2::build::CheckoutBuilder;

use super::entry::EntryKind;
use super::store::{Store, tree_oid};
use super::tree::files_under;
use crate::git::error::{GitError, WhileDoing};
use crate::ids::TreeId;

/// Something of a tree that is not written as a file.
struct LeftOut {
    path: String,
    submodule: bool,
}

impl Store {
    /// Writes every file of a tree into an empty or new directory, byte for byte: no line endings are converted, no
    /// filter is run, no hook. Submodules become empty directories. Writes.
    ///
    /// Gives the paths that were left out: the files that a partial clone was promised and never got. Nothing is left
    /// out of a whole repository.
    ///
    /// # Errors
    /// [`GitError::NotEmpty`] if there is something in the directory; [`GitError::Libgit2`] if a blob is missing that
    /// nobody promised.
    pub fn checkout(&self, tree: &TreeId, directory: &Path) -> Result<Vec<String>, GitError> {
        let file = |source| GitError::File { path: directory.to_owned(), source };
        std::fs::create_dir_all(directory).map_err(file)?;
        if std::fs::read_dir(directory).map_err(file)?.next().is_some() {
            return Err(GitError::NotEmpty { path: directory.to_owned() });
        }
        let left_out = self.left_out(tree)?;
        if left_out.is_empty() {
            self.write_files(tree, directory)?;
            return Ok(Vec::new());
        }
        let without: Vec<_> = left_out.iter().map(|file| (file.path.as_str(), None)).collect();
        self.write_files(&self.with_files(tree, &without)?, directory)?;
        let (modules, absent): (Vec<_>, Vec<_>) = left_out.into_iter().partition(|file| file.submodule);
        for module in modules {
            std::fs::create_dir_all(directory.join(&module.path)).map_err(file)?;
        }
        Ok(absent.into_iter().map(|file| file.path).collect())
    }

    /// What libgit2 cannot write: without a work tree it stops at submodules, and nobody has what was only promised.
    fn left_out(&self, tree: &TreeId) -> Result<Vec<LeftOut>, GitError> {
        let objects = self.raw().odb().doing(|| "reach the objects".to_owned())?;
        let promised = self.is_promised();
        let mut left_out = Vec::new();
        for file in files_under(self.raw(), tree_oid(tree)?, b"")? {
            let Some(entry) = file.new else { continue };
            let submodule = entry.kind() == EntryKind::Submodule;
            let absent = || promised && !objects.exists_ext(entry.id, OdbLookupFlags::NO_REFRESH);
            if submodule || absent() {
                let path = String::from_utf8_lossy(&file.path).into_owned();
                left_out.push(LeftOut { path, submodule });
            }
        }
        Ok(left_out)
    }

    fn write_files(&self, tree: &TreeId, directory: &Path) -> Result<(), GitError> {
        let found = self.find_tree(tree)?;
        let mut options = CheckoutBuilder::new();
        options.target_dir(directory).force().update_index(false).disable_filters(true);
        let written = self.raw().checkout_tree(found.as_object(), Some(&mut options));
        written.doing(|| format!("check out {tree} in `{}`", directory.display()))
    }
}
