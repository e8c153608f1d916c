//! What is known of an entry after all attempts.

use serde::{Deserialize, Serialize};

use super::attempt::EntryAttempt;
use super::judgement::AttemptOutcome;
use crate::ids::Digest;

/// Entry × tree × environment × log × isolation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EntryEvidence {
    /// What the entry came to.
    pub outcome: EntryOutcome,
    /// Why, unless it passed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Whether the workflow lets it fail (`continue-on-error` of the job).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_fail: bool,
    /// What ran it.
    pub executor: String,
    /// The worker that ran it, if that was another machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// What the result may depend on beside the tree: the executor, the variables that commands start from, the machine
    /// and its tools, and whether there was a network.
    pub environment: Digest,
    /// The run on the base with network, for what it left in the caches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<EntryAttempt>,
    /// The attempts on the tree: one, and a second one after a failure.
    pub attempts: Vec<EntryAttempt>,
    /// The attempt on the base after a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<EntryAttempt>,
}

impl EntryEvidence {
    /// Of an entry that was not tried.
    pub(super) fn none(environment: Digest) -> EntryEvidence {
        EntryEvidence {
            outcome: EntryOutcome::Unavailable,
            why: String::new(),
            may_fail: false,
            executor: String::new(),
            worker: None,
            environment,
            warm_up: None,
            attempts: Vec::new(),
            base: None,
        }
    }

    /// Of an entry that could not be tried: why.
    pub fn unavailable(why: String) -> EntryEvidence {
        EntryEvidence { why, ..EntryEvidence::none(Digest::of("")) }
    }
}

/// What an entry came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryOutcome {
    /// It passed at the first attempt.
    Passed,
    /// It failed, and passed at the second attempt.
    Flaky,
    /// It fails, and passes on the base: the change broke it.
    BrokenByChange,
    /// It fails here on the base, too: it says nothing about the change.
    FailsOnBase,
    /// It fails; whether it did before is not known.
    Failed,
    /// It succeeded without having done anything.
    NothingRan,
    /// It could not be tried as it is meant.
    Unavailable,
}

impl EntryOutcome {
    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            EntryOutcome::Passed => "passed",
            EntryOutcome::Flaky => "flaky",
            EntryOutcome::BrokenByChange => "broken by the change",
            EntryOutcome::FailsOnBase => "fails on the base, too",
            EntryOutcome::Failed => "failed",
            EntryOutcome::NothingRan => "nothing ran",
            EntryOutcome::Unavailable => "could not be tried",
        }
    }

    /// Whether the job said no.
    pub fn is_failure(self) -> bool {
        matches!(self, EntryOutcome::BrokenByChange | EntryOutcome::FailsOnBase | EntryOutcome::Failed)
    }

    /// Of the attempts on the tree, and of the one on the base.
    pub fn of(attempts: &[EntryAttempt], base: Option<&EntryAttempt>) -> EntryOutcome {
        let outcomes: Vec<AttemptOutcome> = attempts.iter().map(|attempt| attempt.outcome).collect();
        match outcomes.as_slice() {
            [] => EntryOutcome::Unavailable,
            [AttemptOutcome::Passed] => EntryOutcome::Passed,
            [.., AttemptOutcome::Passed] => EntryOutcome::Flaky,
            [first, ..] if first.is_failure() => match base.map(|base| base.outcome) {
                Some(AttemptOutcome::Passed) => EntryOutcome::BrokenByChange,
                Some(outcome) if outcome.is_failure() => EntryOutcome::FailsOnBase,
                _ => EntryOutcome::Failed,
            },
            [AttemptOutcome::NothingRan, ..] => EntryOutcome::NothingRan,
            _ => EntryOutcome::Unavailable,
        }
    }
}
