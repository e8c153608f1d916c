//! What a look saw of a remote's references, for the act that it decided on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::git::{Transport, TransportError};
use crate::ids::{CommitId, RepoName};

/// What one look saw of references outside. The act after it builds on just that: it asks nothing a second time, and a
/// push says what it replaces, so that the remote refuses it where somebody came between.
#[derive(Debug, Clone, Default)]
pub struct Sight(Arc<Mutex<References>>);

/// Where each was, by repository and full name.
type References = BTreeMap<(RepoName, String), Option<CommitId>>;

impl Sight {
    /// Where a reference of `repo` is now; its full name is asked for.
    ///
    /// # Errors
    /// When the remote cannot be asked.
    pub(super) async fn see(
        &self,
        transport: &Transport,
        repo: &RepoName,
        name: &str,
    ) -> Result<Option<CommitId>, TransportError> {
        let at = transport.ls_remote(repo, &[name]).await?.remove(name);
        self.references().insert((repo.clone(), name.to_owned()), at.clone());
        Ok(at)
    }

    /// Where the look before this act saw the reference; one that it did not ask about is asked about now.
    ///
    /// # Errors
    /// When the remote has to be asked and cannot be.
    pub(super) async fn seen(
        &self,
        transport: &Transport,
        repo: &RepoName,
        name: &str,
    ) -> Result<Option<CommitId>, TransportError> {
        let seen = self.references().get(&(repo.clone(), name.to_owned())).cloned();
        match seen {
            Some(at) => Ok(at),
            None => self.see(transport, repo, name).await,
        }
    }

    fn references(&self) -> MutexGuard<'_, References> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
