//! The facts of a run as they are on disk.
//!
//! Versioned: a journal of a newer form is refused, fields are only ever added, names never change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::retry::Retry;
use crate::failure::Effect;
use crate::ids::{CommitId, Digest, Login, StepName};
use crate::next_action::{Advice, hint_of_any_version};
use crate::steps::{Blame, Decision, MovedHead, OpenedPull, Output, Question, SentMail, Wait};

/// One fact of a run, with its place and time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StampedEvent {
    /// Its place in the journal, from 1 without gaps.
    pub number: u64,
    /// When it was written, on the run's clock.
    pub at: Timestamp,
    /// The fact.
    pub record: Event,
}

/// A fact of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fact")]
pub enum Event {
    /// The run was started.
    Started {
        /// By whom, as `user@host`.
        operator: String,
        /// Of which plan.
        plan: Digest,
        /// By which version of Lockgate.
        version: String,
        /// Where its journal lies; not known of runs that versions up to 0.1 started.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<Seat>,
    },
    /// The run was resumed.
    Resumed {
        /// By whom, as `user@host`.
        operator: String,
        /// Where its journal lies.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<Seat>,
    },
    /// A step is about to act.
    Intent {
        /// The step.
        step: StepName,
    },
    /// A step is done.
    Done {
        /// The step.
        step: StepName,
        /// Whether Lockgate did it.
        how: Completion,
        /// What it left.
        output: Output,
    },
    /// An attempt failed.
    Failed {
        /// The step.
        step: StepName,
        /// What happened.
        message: String,
        /// What may be done about it.
        #[serde(default, deserialize_with = "hint_of_any_version")]
        hint: Vec<Advice>,
        /// Whether the effect may be there.
        effect: Effect,
        /// Who can do something about it.
        blame: Blame,
        /// The attempt that follows by itself; `None` when people must do something first, and in journals of
        /// versions that tried again at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry: Option<Retry>,
    },
    /// A step waits for something.
    Waiting {
        /// The step.
        step: StepName,
        /// For what, and when it looks again.
        wait: Wait,
    },
    /// A step asks people.
    Asked {
        /// The step.
        step: StepName,
        /// What.
        question: Question,
    },
    /// A person approved what has this digest.
    Approved {
        /// The gate's step.
        step: StepName,
        /// What was shown.
        digest: Digest,
        /// Who.
        by: Login,
        /// How it is known that it was them; not known in rehearsals, and of journals of versions up to 0.1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<Proof>,
    },
    /// A person decided.
    Decided {
        /// The step.
        step: StepName,
        /// What.
        decision: Decision,
        /// Who.
        by: Login,
    },
    /// Red checks were run again.
    Rerun {
        /// The step that awaits them.
        step: StepName,
    },
    /// Branches moved: these steps are open again.
    Reopened {
        /// The branches, with their new heads.
        moved: Vec<MovedHead>,
        /// The steps.
        steps: Vec<StepName>,
    },
    /// The files were changed, and the run continues by another plan.
    Amended {
        /// By whom.
        by: Login,
        /// The digest of the plan from here on.
        plan: Digest,
        /// Which files changed, each with its article: `the catalog`.
        files: Vec<String>,
        /// Why, where the embargo broke.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// For when the release was announced, where the embargo broke. Versions up to 0.1 did not write it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        announced: Option<Timestamp>,
        /// Steps that are not what they were: they are taken, or taken again, as the plan has them now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<StepName>,
        /// Those of them whose conflict people resolved, and whose resolution still fits. Versions up to 0.1 did not write it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        keeping: Vec<StepName>,
        /// Steps that the plan has no more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dropped: Vec<StepName>,
        /// Steps that are done and stay so, although the plan has them otherwise now: a mail that is out. Versions up to 0.1 did not
        /// write it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        standing: Vec<StepName>,
    },
    /// The run is started in the place of one that was called off.
    Inherited(Inheritance),
    /// What a step of a release that was called off did was taken back.
    TakenBack {
        /// The step.
        step: StepName,
        /// What was done for it.
        what: String,
        /// What it had left. Versions up to 0.1 did not write it: they took back what a step of the same run left last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Output>,
    },
    /// Somebody took back what people had answered, before it had an effect: the question is open again.
    Withdrawn {
        /// The step; of a gate, it is their own approval.
        step: StepName,
        /// Who.
        by: Login,
        /// What was made with a resolution that is taken back, and is made anew. Versions up to 0.1 did not write it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        steps: Vec<StepName>,
    },
    /// The release was called off.
    Aborted {
        /// By whom.
        by: Login,
        /// Why.
        reason: String,
    },
    /// Every step is done.
    Finished,
}

impl Event {
    /// The step that people decided about.
    #[must_use]
    pub(super) fn decided_step(&self) -> Option<&StepName> {
        match self {
            Event::Approved { step, .. } | Event::Decided { step, .. } | Event::Withdrawn { step, .. } => {
                Some(step)
            }
            _ => None,
        }
    }
}

/// What a run that was called off leaves to the one that is started in its place, that of still earlier ones included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inheritance {
    /// The mails that are out already.
    pub mails: Vec<SentMail>,
    /// Steps whose mail may be out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub doubtful: BTreeSet<StepName>,
    /// What was pushed to branches of ours.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub pushed: BTreeSet<CommitId>,
    /// The pull requests that it opened, and did not merge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pulls: Vec<OpenedPull>,
    /// Those that it merged, by the steps that did.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub merged: BTreeMap<StepName, OpenedPull>,
    /// The steps of which everybody can see what they did.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub public: BTreeSet<StepName>,
}

/// How it is known who approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// The token with which it was recorded is theirs, as GitHub said.
    Token,
    /// They signed it.
    Signature {
        /// The fingerprint of the key, one of those which GitHub published for them.
        key: String,
        /// The signature, as `ssh-keygen` made it.
        signature: String,
    },
}

/// Where a journal lies: on which machine, and in which of its files. A file that is moved keeps it, a copy has its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The machine's name.
    pub host: String,
    /// The number of the file; none where it is not known how much was written: an older state may have been put back.
    pub file: Option<u64>,
}

/// Who caused an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completion {
    /// Lockgate acted.
    Acted,
    /// The world showed it already.
    Adopted,
}
