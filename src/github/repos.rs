//! Repositories: what they are, deletion, and comparison of commits.

use http::Method;
use serde::Deserialize;
use url::Url;

use super::client::Client;
use super::error::{Class, GitHubError};
use crate::egress::Permit;
use crate::ids::{BranchName, RepoName};

/// Who sees a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepoVisibility {
    /// Everybody.
    Public,
    /// Only people who were let in; temporary private forks and internal repositories too.
    Private,
}

/// A repository. GitHub reports `permissions.push: false` for private forks one can push to, so permissions
/// are not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its present name; differs from the one asked for when it was renamed.
    pub name: RepoName,
    /// Who sees it.
    pub visibility: RepoVisibility,
    /// Its default branch.
    pub default_branch: BranchName,
    /// Its page.
    pub url: Url,
    /// Whether nothing can be written any more.
    pub archived: bool,
    /// The repository it was forked from.
    pub parent: Option<RepoName>,
}

#[derive(Deserialize)]
struct WireRepository {
    full_name: RepoName,
    private: bool,
    default_branch: BranchName,
    html_url: Url,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    parent: Option<WireNamed>,
}

/// A repository of which only the name is read.
#[derive(Deserialize)]
pub(super) struct WireNamed {
    pub(super) full_name: RepoName,
}

impl From<WireRepository> for Repository {
    fn from(wire: WireRepository) -> Repository {
        Repository {
            name: wire.full_name,
            visibility: if wire.private { RepoVisibility::Private } else { RepoVisibility::Public },
            default_branch: wire.default_branch,
            url: wire.html_url,
            archived: wire.archived,
            parent: wire.parent.map(|parent| parent.full_name),
        }
    }
}

/// What came of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It is deleted.
    Deleted,
    /// It was not there, or this token cannot see it.
    NotThere,
}

impl Client {
    /// The repository; `None` when it does not exist or this token cannot see it. GitHub answers both alike, so
    /// `None` alone does not prove that a private fork is deleted.
    ///
    /// # Errors
    /// [`GitHubError`] when GitHub cannot be asked.
    pub async fn repository(&self, repo: &RepoName) -> Result<Option<Repository>, GitHubError> {
        let found: Option<WireRepository> = self.look(self.repo_call(Method::GET, repo, [])).await?;
        let found = found.map(Repository::from);
        if let Some(found) = &found {
            self.visibility().insert(repo.clone(), found.visibility);
        }
        Ok(found)
    }

    /// Deletes a repository: private forks, after disclosure. Needs the scope `delete_repo`.
    ///
    /// # Errors
    /// [`Class::Forbidden`] when the token or the organisation's policy does not allow it.
    pub async fn delete_repository(&self, repo: &RepoName, permit: &Permit) -> Result<Deletion, GitHubError> {
        let call = self.repo_call(Method::DELETE, repo, []);
        match self.act(repo, permit, call).await {
            Ok(_) => {
                self.visibility().remove(repo);
                Ok(Deletion::Deleted)
            }
            Err(GitHubError { class: Class::NotFound, .. }) => Ok(Deletion::NotThere),
            Err(error) => Err(error),
        }
    }
}
