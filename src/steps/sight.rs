//! What a look saw of a remote's references and of pull requests, for the act that it decided on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::output::OpenedPull;
use crate::git::{Transport, TransportError};
use crate::github::{Client, GitHubError, PullRequest};
use crate::ids::{CommitId, RepoName};

/// What one look saw outside. The act after it builds on just that: it asks nothing a second time, and a push or a merge
/// says what it saw, so that it is refused where somebody came between.
#[derive(Debug, Clone, Default)]
pub struct Sight(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// Where each reference was, by repository and full name.
    references: BTreeMap<(RepoName, String), Option<CommitId>>,
    /// Pull requests by repository and number.
    pulls: BTreeMap<(RepoName, u64), Option<PullRequest>>,
}

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
        self.all().references.insert((repo.clone(), name.to_owned()), at.clone());
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
        let seen = self.all().references.get(&(repo.clone(), name.to_owned())).cloned();
        match seen {
            Some(at) => Ok(at),
            None => self.see(transport, repo, name).await,
        }
    }

    /// A pull request as it is now; `None` if it is not shown.
    ///
    /// # Errors
    /// When GitHub cannot be asked.
    pub(super) async fn see_pull(
        &self,
        github: &Client,
        opened: &OpenedPull,
    ) -> Result<Option<PullRequest>, GitHubError> {
        let pull = github.pull(&opened.repo, opened.number).await?;
        self.all().pulls.insert((opened.repo.clone(), opened.number), pull.clone());
        Ok(pull)
    }

    /// The pull request as the look before this act saw it; one that it did not look at is looked at now.
    ///
    /// # Errors
    /// When GitHub has to be asked and cannot be.
    pub(super) async fn seen_pull(
        &self,
        github: &Client,
        opened: &OpenedPull,
    ) -> Result<Option<PullRequest>, GitHubError> {
        let seen = self.all().pulls.get(&(opened.repo.clone(), opened.number)).cloned();
        match seen {
            Some(pull) => Ok(pull),
            None => self.see_pull(github, opened).await,
        }
    }

    fn all(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
