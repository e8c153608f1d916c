//! Where the commits of a fix come from.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::patch_text::PatchText;
use crate::ids::{BranchName, CommitId, Login, RepoName};

/// The fix of one advisory in one repository: a pull request on the private side, named commits there, or
/// patches in files. Exactly one of the three.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fix {
    /// The repository that is fixed.
    pub repo: RepoName,
    /// A pull request on the private side against the default branch.
    #[serde(default)]
    pub pull: Option<u64>,
    /// What becomes of merges inside the pull request, as the "update branch" button leaves them.
    #[serde(default)]
    pub merges: InnerMerges,
    /// Commits that the private side has, in order.
    #[serde(default)]
    pub commits: Vec<CommitId>,
    /// Files in `git format-patch` form, in order, relative to the release file.
    #[serde(default)]
    pub patches: Vec<String>,
    /// The public commits that brought the vulnerability, if somebody knows them.
    #[serde(default)]
    pub introduced: Vec<CommitId>,
    /// The affected branches. Empty: the default branch and every line.
    #[serde(default)]
    pub branches: Vec<BranchName>,
    /// The branches of which somebody says that they are not affected, whatever their content looks like: they have the fix in
    /// another form, say. They get no fix, and their versions stand in no range.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_affected: Vec<NotAffected>,
}

/// A branch of which somebody says that it is not affected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotAffected {
    /// The branch.
    pub branch: BranchName,
    /// Why, as whoever approves reads it.
    pub because: String,
    /// Who says so. Without it, the release's manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Login>,
}

/// What becomes of merges inside a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InnerMerges {
    /// The import stops: a merge may hold a resolution that belongs to the fix.
    #[default]
    Fail,
    /// They are left out, and whoever approves is told.
    Skip,
}

/// Where the commits of a fix come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixSource<'a> {
    /// A pull request on the private side.
    Pull(u64),
    /// Commits on the private side.
    Commits(&'a [CommitId]),
    /// Files, by their names.
    Patches(&'a [String]),
}

impl Fix {
    /// Where the commits come from. The loader has seen to it that it is one place.
    #[must_use]
    pub fn source(&self) -> FixSource<'_> {
        match (self.pull, self.commits.as_slice()) {
            (Some(number), _) => FixSource::Pull(number),
            (None, []) => FixSource::Patches(&self.patches),
            (None, commits) => FixSource::Commits(commits),
        }
    }

    /// Whether it is meant for this branch.
    #[must_use]
    pub fn is_for(&self, branch: &BranchName) -> bool {
        let is_named = self.branches.is_empty() || self.branches.contains(branch);
        is_named && self.said_of(branch).is_none()
    }

    /// What is said of a branch that is not affected.
    #[must_use]
    pub fn said_of(&self, branch: &BranchName) -> Option<&NotAffected> {
        self.not_affected.iter().find(|said| said.branch == *branch)
    }

    /// How many places it names; the loader refuses any number but one.
    pub(super) fn sources(&self) -> usize {
        usize::from(self.pull.is_some())
            + usize::from(!self.commits.is_empty())
            + usize::from(!self.patches.is_empty())
    }
}

/// The patch files of a release, by the names that the release file uses.
pub type PatchTexts = BTreeMap<String, PatchText>;
