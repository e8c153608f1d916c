//! A repository of the world and where its commits come from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CheckSpec, MergeStyle, ProtectionSpec, ReleaseSpec, RulesetSpec};
use crate::ids::{BranchName, CommitId, Login, RepoName};

/// A repository.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepoSpec {
    /// Its name.
    pub name: RepoName,
    /// The names that it had before: requests for them are redirected.
    #[serde(default)]
    pub formerly: Vec<RepoName>,
    /// When it is made public by somebody, if it is.
    #[schemars(with = "Option<String>")]
    pub turns_public: Option<Timestamp>,
    /// Its default branch.
    #[serde(default = "main_branch")]
    pub default_branch: BranchName,
    /// Who sees it.
    #[serde(default)]
    pub visibility: StoredVisibility,
    /// Where its commits come from; without it the repository begins empty (or as its parent's copy).
    pub source: Option<SourceSpec>,
    /// The repository it was forked from.
    pub fork_of: Option<RepoName>,
    /// People with rights here beside its owner and the administrators.
    #[serde(default)]
    pub collaborators: BTreeMap<Login, Role>,
    /// Protected branches.
    #[serde(default)]
    pub protection: Vec<ProtectionSpec>,
    /// Rulesets on names and files.
    #[serde(default)]
    pub rulesets: Vec<RulesetSpec>,
    /// The merge methods that are allowed; without it all three.
    #[serde(default = "every_method")]
    pub merge_methods: Vec<MergeStyle>,
    /// The checks of its scripted CI.
    #[serde(default)]
    pub checks: Vec<CheckSpec>,
    /// How its scripted CI releases.
    pub release: Option<ReleaseSpec>,
    /// Whether the tag and the files of a release are frozen once it is published.
    #[serde(default)]
    pub immutable_releases: bool,
    /// Tags of immutable releases that were deleted: no release can have them again.
    #[serde(default)]
    pub burnt_tags: Vec<String>,
    /// Releases made before the world begins, oldest first.
    #[serde(default)]
    pub releases: Vec<PastRelease>,
    /// Pull requests opened before the world begins; their branches must exist.
    #[serde(default)]
    pub pulls: Vec<PullSpec>,
}

fn main_branch() -> BranchName {
    #[allow(clippy::expect_used, reason = "a constant that is a branch name")]
    "main".parse().expect("`main` is a branch name")
}

fn every_method() -> Vec<MergeStyle> {
    MergeStyle::ALL.to_vec()
}

/// Who sees a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StoredVisibility {
    /// Everybody.
    #[default]
    Public,
    /// Its owner, its collaborators and the administrators; everybody else is told 404.
    Private,
}

/// An existing repository whose objects are borrowed through git's alternates: it is neither copied nor
/// written to, and must stay where it is while the world lives.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// A bare repository, a mirror, or a work tree with a `.git` directory.
    pub path: PathBuf,
    /// Which references are taken over.
    #[serde(default)]
    pub take: Take,
    /// References set explicitly, full names such as `refs/heads/main`; they win over what is taken over.
    #[serde(default)]
    pub refs: BTreeMap<String, CommitId>,
}

/// Which references of a source are taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Take {
    /// All branches and tags.
    #[default]
    Everything,
    /// All tags, and of the branches only those listed in `refs`.
    Tags,
    /// Nothing but what is listed in `refs`: the day before of a replay.
    Listed,
}

/// What a collaborator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// See it.
    Read,
    /// Push.
    Write,
    /// Everything.
    Admin,
}

/// A release that exists when the world begins.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PastRelease {
    /// Its tag, which the source must have.
    pub tag: String,
    /// When it was published; without it one day before the start.
    #[schemars(with = "Option<String>")]
    pub published_at: Option<Timestamp>,
    /// The names of its assets.
    #[serde(default)]
    pub assets: Vec<String>,
    /// Whether it is a prerelease.
    #[serde(default)]
    pub prerelease: bool,
    /// Whether it carries the label "latest"; if none does, the last of the list that may.
    #[serde(default)]
    pub latest: bool,
}

/// A pull request that exists when the world begins.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PullSpec {
    /// Its number; without it the next free one.
    pub number: Option<u64>,
    /// Its title.
    pub title: String,
    /// Its text.
    #[serde(default)]
    pub body: String,
    /// The branch with the change, in the same repository.
    pub head: BranchName,
    /// The branch it is meant for.
    pub base: BranchName,
    /// Who opened it; without it the owner of the repository.
    pub author: Option<Login>,
    /// How it stands when the world begins.
    #[serde(default)]
    pub stands: InitialPullState,
}

/// How a pull request stands when the world begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InitialPullState {
    /// Open.
    #[default]
    Open,
    /// Open, and its author does not call it finished.
    Draft,
    /// Closed without merging.
    Closed,
}
