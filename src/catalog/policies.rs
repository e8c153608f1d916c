//! How a project brings a fix to its branches, and in which order it does so on the day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a fix reaches the newer lines and the default branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CarryPolicy {
    /// It is picked onto each of them.
    #[default]
    CherryPick,
    /// It is picked onto the oldest line that needs it, and each line is merged into the next newer one, the last into the
    /// default branch.
    MergeUp,
}

/// Which branch of a repository is merged first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BranchOrder {
    /// The default branch, then the lines from old to new; releases follow when all have the fix.
    DefaultFirst,
    /// The lines from old to new, then their releases; the default branch when these are out.
    LinesFirst,
}

/// Whether a line states its new version before or after it has the fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BumpOrder {
    /// The bump is merged last, right before the release.
    #[default]
    AfterFixes,
    /// The bump is merged first, and the fixes are made and proven on top of it.
    BeforeFixes,
}

/// What the world is told of versions whose lines are no longer supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OldVersions {
    /// They have no fix, and mails say where to go.
    #[default]
    NoFix,
    /// The next higher version with the fix is theirs: whoever has one of them is expected to update to it. So do projects that support
    /// one line at a time.
    MoveUp,
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
