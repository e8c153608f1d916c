//! The columns of the table of kinds: what can be true of a kind of step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a step is done once for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The whole release.
    #[default]
    Release,
    /// Each advisory.
    Advisory,
    /// Each repository that is released.
    Repository,
    /// Each target.
    Target,
    /// Each target that is released from.
    Line,
    /// Each fix: an advisory in a repository.
    Fix,
    /// Each advisory on each target.
    Patch,
}

/// Who can see the effect of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Nobody but this machine.
    Local,
    /// The collaborators of the advisory.
    Private,
    /// Everybody; before the release-day gate only through the leak guard.
    Guarded,
    /// Everybody; never before the release-day gate.
    Public,
}

/// What it takes to undo a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// It leaves nothing to undo.
    Nothing,
    /// It can be undone, and this is how.
    Possible(&'static str),
    /// It cannot be undone; this is what is left to do.
    Impossible(&'static str),
}

/// A decision that people take about a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionKind {
    /// What the step shows may go ahead.
    Approve,
    /// What the step states is so.
    Confirm,
    /// The release continues without what the step wants.
    Waive,
    /// The step's conflict is resolved in this way.
    Resolve,
}

/// When people may take a decision about a step.
///
/// A step reads a decision where its question comes up. One that is recorded before would answer a question that nobody
/// has seen yet: a mail waived while the server was down would be sent twice after the next doubtful attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Only as the answer to a question that offers it.
    Offered,
    /// Whenever the step holds the release up: it asks, waits or has failed.
    Held,
}

/// A decision that the steps of a kind understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The decision.
    pub decision: DecisionKind,
    /// When it may be taken.
    pub when: When,
    /// What follows from it here, as a statement.
    pub means: &'static str,
}
