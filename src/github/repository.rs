//! A repository, and its JSON.

use std::collections::BTreeSet;

use serde::Deserialize;
use url::Url;

use crate::ids::{BranchName, RepoName};
use crate::merge_rules::MergeMethod;

/// Who sees a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepoVisibility {
    /// Everybody.
    Public,
    /// Everybody in the enterprise that it belongs to.
    Internal,
    /// Only people with access; this includes temporary private forks.
    Private,
}

impl RepoVisibility {
    /// Who else reads it, as a statement: `is public`. `None` of one that only people with access read.
    #[must_use]
    pub fn exposed(self) -> Option<&'static str> {
        match self {
            RepoVisibility::Public => Some("is public"),
            RepoVisibility::Internal => Some("is internal, so that everybody in its enterprise reads it"),
            RepoVisibility::Private => None,
        }
    }
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
    /// The repository that all its forks come from in the end.
    pub source: Option<RepoName>,
    /// The merge methods that it allows; `None` where this token may not see its settings.
    pub methods: Option<BTreeSet<MergeMethod>>,
}

#[derive(Deserialize)]
struct WireRepository {
    full_name: RepoName,
    private: bool,
    /// `internal` of one that is private to outsiders. Answers about private forks may lack it.
    #[serde(default)]
    visibility: Option<String>,
    default_branch: BranchName,
    html_url: Url,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    parent: Option<WireNamed>,
    #[serde(default)]
    source: Option<WireNamed>,
    // GitHub shows the settings of merges to those who may push.
    allow_merge_commit: Option<bool>,
    allow_squash_merge: Option<bool>,
    allow_rebase_merge: Option<bool>,
}

impl Repository {
    /// Whether both are in one network of forks: GitHub opens pull requests between no others.
    #[must_use]
    pub fn is_related_to(&self, other: &Repository) -> bool {
        self.root().as_str().eq_ignore_ascii_case(other.root().as_str())
    }

    fn root(&self) -> &RepoName {
        self.source.as_ref().or(self.parent.as_ref()).unwrap_or(&self.name)
    }
}

impl WireRepository {
    fn methods(&self) -> Option<BTreeSet<MergeMethod>> {
        let settings = [
            (self.allow_merge_commit?, MergeMethod::Merge),
            (self.allow_squash_merge?, MergeMethod::Squash),
            (self.allow_rebase_merge?, MergeMethod::Rebase),
        ];
        Some(settings.into_iter().filter(|(is_allowed, _)| *is_allowed).map(|(_, method)| method).collect())
    }
}

/// A repository of which only the name is read.
#[derive(Deserialize)]
pub(super) struct WireNamed {
    pub(super) full_name: RepoName,
}

impl From<WireRepository> for Repository {
    fn from(wire: WireRepository) -> Repository {
        Repository {
            methods: wire.methods(),
            name: wire.full_name,
            visibility: match wire.visibility.as_deref() {
                Some("internal") => RepoVisibility::Internal,
                _ if wire.private => RepoVisibility::Private,
                _ => RepoVisibility::Public,
            },
            default_branch: wire.default_branch,
            url: wire.html_url,
            archived: wire.archived,
            parent: wire.parent.map(|parent| parent.full_name),
            source: wire.source.map(|source| source.full_name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_repository_is_read_by_more_than_those_with_access() {
        let of = |private: bool, visibility: Option<&str>| {
            let wire = serde_json::json!({
                "full_name": "acme/pump", "private": private, "visibility": visibility, "default_branch": "main",
                "html_url": "https://example.test/acme/pump",
            });
            serde_json::from_value::<Repository>(wire).unwrap().visibility.exposed()
        };
        assert_eq!((of(true, Some("private")), of(true, None)), (None, None));
        assert!(of(true, Some("internal")).unwrap().contains("everybody in its enterprise"));
        assert_eq!(of(false, None), Some("is public"));
    }
}
