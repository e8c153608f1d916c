//! The phases in the life of a release.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A part of the life of a release. Workflows list their steps by phase, and people read progress by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The report is answered and accepted.
    Respond,
    /// What is affected is found out and written into the advisory.
    Assess,
    /// The advisory is made ready, and the disclosure time is announced.
    Finalise,
    /// The fixes are carried to every target, in private.
    Prepare,
    /// Every target is tested.
    Prove,
    /// Everything becomes public, in order.
    Release,
    /// The advisories are published and the mails are sent.
    Disclose,
    /// The result is checked from outside.
    Verify,
}

impl Phase {
    /// All phases in order.
    pub const ALL: [Phase; 8] = [
        Phase::Respond,
        Phase::Assess,
        Phase::Finalise,
        Phase::Prepare,
        Phase::Prove,
        Phase::Release,
        Phase::Disclose,
        Phase::Verify,
    ];

    /// The phase's name as workflows write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Respond => "respond",
            Phase::Assess => "assess",
            Phase::Finalise => "finalise",
            Phase::Prepare => "prepare",
            Phase::Prove => "prove",
            Phase::Release => "release",
            Phase::Disclose => "disclose",
            Phase::Verify => "verify",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
