//! Repositories: reading, writing under a permit, deletion.

use http::Method;

use super::call::{ApiResponse, Call};
use super::client::Client;
use super::error::{Class, GitHubError};
use super::repository::{RepoVisibility, Repository};
use crate::egress::Permit;
use crate::ids::RepoName;

/// The result of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// Deleted now.
    Deleted,
    /// It does not exist, or this token cannot see it.
    NotThere,
}

impl Client {
    /// The repository; `None` when it does not exist or this token cannot see it. GitHub answers both alike, so
    /// `None` alone does not prove that a private fork is deleted.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn repository(&self, repo: &RepoName) -> Result<Option<Repository>, GitHubError> {
        let found: Option<Repository> = self.look(self.repo_call(Method::GET, repo, [])).await?;
        if let Some(found) = &found {
            self.cache().visibility.insert(repo.clone(), found.visibility);
        }
        Ok(found)
    }

    /// A write under a permit.
    pub(super) async fn act(
        &self,
        repo: &RepoName,
        permit: &Permit,
        call: Call,
    ) -> Result<ApiResponse, GitHubError> {
        self.check_permit(repo, permit, &call).await?;
        self.send(call).await
    }

    /// Checks a permit for private surfaces against the visibility of the repository, which is read once.
    async fn check_permit(&self, repo: &RepoName, permit: &Permit, call: &Call) -> Result<(), GitHubError> {
        if !matches!(permit, Permit::Private) {
            return Ok(());
        }
        let known = self.cache().visibility.get(repo);
        let visibility = match known {
            Some(visibility) => visibility,
            // GitHub answers a write to a repository that this token cannot see with 404.
            None => self.repository(repo).await?.map_or(RepoVisibility::Private, |found| found.visibility),
        };
        match visibility.exposed() {
            None => Ok(()),
            Some(_) => Err(call.fails(Class::NotPrivate { surface: repo.to_string() })),
        }
    }

    /// Deletes a repository: a private fork, after disclosure. Needs the scope `delete_repo`.
    ///
    /// # Errors
    /// [`Class::Forbidden`] when the token or the organisation's policy does not allow it.
    pub async fn delete_repository(&self, repo: &RepoName, permit: &Permit) -> Result<Deletion, GitHubError> {
        let call = self.repo_call(Method::DELETE, repo, []);
        match self.act(repo, permit, call).await {
            Ok(_) => {
                self.cache().visibility.forget(repo);
                Ok(Deletion::Deleted)
            }
            Err(GitHubError { class: Class::NotFound, .. }) => Ok(Deletion::NotThere),
            Err(error) => Err(error),
        }
    }
}
