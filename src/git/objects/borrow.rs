//! Borrowing the objects of another repository on this machine, through git's alternates.

use std::fs;
use std::path::Path;

use super::store::Store;
use crate::git::error::GitError;

impl Store {
    /// Makes the bare repository, or opens the one that is there, and lets it read the objects of `lender` as its
    /// own: they need not be fetched. The lender must stay where it is. Git may touch the dates of the lender's
    /// files, so it must be one that may be written to. Writes.
    ///
    /// # Errors
    /// [`GitError::Open`] if one of the two is no repository, [`GitError::File`] if this one cannot be written.
    pub fn create_borrowing(path: &Path, lender: &Path) -> Result<Store, GitError> {
        let store = Store::create(path)?;
        let lender = Store::open(lender)?.git_dir().join("objects");
        borrow(store.git_dir(), &lender)?;
        store.again()
    }

    /// The same of bare repositories, where neither is looked into now: of a large release they are many.
    ///
    /// # Errors
    /// [`GitError::File`] if the lender is no bare repository, or this one cannot be written.
    pub fn lay_out_borrowing(path: &Path, lender: &Path) -> Result<(), GitError> {
        Store::lay_out(path)?;
        borrow(path, &lender.join("objects"))
    }

    /// Whether some of the objects are read from another repository.
    #[must_use]
    pub fn borrows(&self) -> bool {
        self.git_dir().join("objects/info/alternates").is_file()
    }

    /// Whether objects may be missing here because they are promised by somebody else.
    pub(crate) fn is_promised(&self) -> bool {
        is_partial(&self.git_dir().join("objects"))
    }
}

/// Lets the repository at `path` read these objects, with the settings that this needs.
fn borrow(path: &Path, objects: &Path) -> Result<(), GitError> {
    let lender =
        objects.canonicalize().map_err(|source| GitError::File { path: objects.to_owned(), source })?;
    // Whatever else the lender has: only its branches are told to a remote as what is here.
    let mut settings = "[core]\n\talternateRefsPrefixes = refs/heads/\n".to_owned();
    if is_partial(&lender) {
        // What is missing there is promised, not corrupt; nobody can be asked for it.
        settings.push_str("[remote \"borrowed\"]\n\tpromisor = true\n\turl = /nonexistent\n");
    }
    let config = path.join("config");
    let settled = fs::read_to_string(&config).and_then(|before| match before.contains(&settings) {
        true => Ok(()),
        false => fs::write(&config, before + &settings),
    });
    settled.map_err(|source| GitError::File { path: config, source })?;
    let alternates = path.join("objects/info/alternates");
    let written = fs::write(&alternates, format!("{}\n", lender.display()));
    written.map_err(|source| GitError::File { path: alternates, source })
}

/// Whether the objects come from a partial clone, directly or through its own alternates.
fn is_partial(objects: &Path) -> bool {
    let lent = fs::read_to_string(objects.join("info/alternates")).unwrap_or_default();
    objects.join("info/promised").is_file() || lent.lines().any(|line| is_partial(Path::new(line)))
}
