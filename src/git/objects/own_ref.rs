//! References that nobody else writes.

use git2::ErrorCode;

use super::store::{ExpectedRef, Store};
use crate::git::error::GitError;
use crate::ids::CommitId;

impl Store {
    /// Points a reference at a commit, wherever it was. For references of which the caller is the only writer: the lock
    /// of a process that was killed while it wrote is removed, or the reference could never be written again. Writes.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the commit is not here, [`GitError::Libgit2`] if the repository cannot be written.
    pub fn set_own_ref(&self, name: &str, to: &CommitId, reason: &str) -> Result<(), GitError> {
        let written = self.set_ref(name, to, &ExpectedRef::Anything, reason);
        let Err(GitError::Libgit2 { source, .. }) = &written else { return written };
        if source.code() != ErrorCode::Locked {
            return written;
        }
        let lock = self.path().join(format!("{name}.lock"));
        std::fs::remove_file(&lock).map_err(|source| GitError::File { path: lock.clone(), source })?;
        self.set_ref(name, to, &ExpectedRef::Anything, reason)
    }
}
