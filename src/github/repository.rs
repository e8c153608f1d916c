//! A repository, and its JSON.

use serde::Deserialize;
use url::Url;

use crate::ids::{BranchName, RepoName};

/// Who sees a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepoVisibility {
    /// Everybody.
    Public,
    /// Only people with access; this includes temporary private forks and internal repositories.
    Private,
}

/// A repository. GitHub reports `permissions.push: false` even for private forks that accept pushes, so
/// permissions are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WireRepository")]
pub struct Repository {
    /// Its current name; another one than requested when it was renamed.
    pub name: RepoName,
    /// Who sees it.
    pub visibility: RepoVisibility,
    /// Its default branch.
    pub default_branch: BranchName,
    /// Its page.
    pub url: Url,
    /// Whether it is read-only.
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
