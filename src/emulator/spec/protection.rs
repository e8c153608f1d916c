//! What protects branches.

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits;

use crate::ids::Login;

/// How a pull request is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MergeStyle {
    /// A merge commit.
    Merge,
    /// One commit with the sum of the changes.
    Squash,
    /// The commits again on top of the base.
    Rebase,
}

impl MergeStyle {
    /// The word of GraphQL and of a merge queue.
    #[must_use]
    pub fn as_enum(self) -> &'static str {
        match self {
            MergeStyle::Merge => "MERGE",
            MergeStyle::Squash => "SQUASH",
            MergeStyle::Rebase => "REBASE",
        }
    }

    /// All of them.
    pub const ALL: [MergeStyle; 3] = [MergeStyle::Merge, MergeStyle::Squash, MergeStyle::Rebase];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MergeStyle::Merge => "merge",
            MergeStyle::Squash => "squash",
            MergeStyle::Rebase => "rebase",
        }
    }
}

/// Where a rule stands on GitHub. It decides where it is read from and how a refusal is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// Classic protection: read with admin rights only.
    #[default]
    Classic,
    /// A ruleset: everybody may read it.
    Ruleset,
}

/// A rule for protected branches.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "GitHub's own switches")]
pub struct ProtectionSpec {
    /// Globs of branch names; `*` stops at `/`, `**` does not.
    pub branches: Vec<String>,
    /// Where it stands.
    #[serde(default)]
    pub kind: RuleKind,
    /// Checks or statuses that must have succeeded on the head of a pull request.
    #[serde(default)]
    pub required_checks: Vec<String>,
    /// Whether a pull request must contain the tip of its base ("strict").
    #[serde(default)]
    pub strict: bool,
    /// How many approving reviews a pull request needs.
    #[serde(default)]
    pub required_reviews: u32,
    /// Owners of the code, of whom one has to approve; nobody has to where there are none.
    #[serde(default)]
    pub code_owners: Vec<Login>,
    /// Whether an approval counts only for the commit that it was given for, as with "dismiss stale approvals" and
    /// "require approval of the most recent push".
    #[serde(default)]
    pub fresh_reviews: bool,
    /// Whether the commits of a pull request must be signed.
    #[serde(default)]
    pub signatures: bool,
    /// Whether merge commits are refused.
    #[serde(default)]
    pub linear_history: bool,
    /// Whether merges go through a merge queue.
    #[serde(default)]
    pub merge_queue: bool,
    /// How the merge queue merges; without it by a merge commit.
    #[serde(default)]
    pub queue_method: Option<MergeStyle>,
    /// Who may add to the merge queue; without it everybody who may push.
    #[serde(default)]
    pub may_enqueue: Option<Vec<Login>>,
    /// Whether nobody may change the branch.
    #[serde(default)]
    pub locked: bool,
    /// The only merge methods, where a ruleset names them.
    #[serde(default)]
    pub merge_methods: Option<Vec<MergeStyle>>,
    /// Who approves each pull request by themselves once they are asked to, and when.
    #[serde(default)]
    pub reviewers: Vec<ScriptedReviewer>,
    /// People who may push to the branch all the same; everybody else is refused with GH006.
    #[serde(default)]
    pub may_push: Vec<Login>,
}

/// Somebody who approves.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScriptedReviewer {
    /// Who.
    pub login: Login,
    /// From the request for a review to the approval.
    #[serde(default, deserialize_with = "limits::delay")]
    #[schemars(with = "String")]
    pub after: SignedDuration,
}

impl ProtectionSpec {
    /// What it says that its kind cannot say: GitHub has it in rulesets only.
    #[must_use]
    pub fn misplaced(&self) -> Option<&'static str> {
        match self.kind {
            RuleKind::Ruleset => None,
            RuleKind::Classic if self.merge_queue => Some("merge_queue"),
            RuleKind::Classic if self.merge_methods.is_some() => Some("merge_methods"),
            RuleKind::Classic if self.queue_method.is_some() => Some("queue_method"),
            RuleKind::Classic if self.may_enqueue.is_some() => Some("may_enqueue"),
            RuleKind::Classic => None,
        }
    }

    /// The method of its merge queue; `None` where it has no queue.
    #[must_use]
    pub fn queue(&self) -> Option<MergeStyle> {
        self.merge_queue.then(|| self.queue_method.unwrap_or(MergeStyle::Merge))
    }

    /// Whether it asks for an approval.
    #[must_use]
    pub fn wants_reviews(&self) -> bool {
        self.required_reviews > 0 || !self.code_owners.is_empty()
    }
}
