//! Why a decision is not accepted, and what people can do instead.

use serde::{Deserialize, Serialize};

use crate::control::authority::NotAllowed;
use crate::ids::{Digest, GhsaId, Login, StepName};
use crate::input::suggest;
use crate::kinds::DecisionKind;
use crate::next_action::{Advice, NextAction, ResolveFrom};

/// Why a decision is not accepted: it would have no effect, or not the one that was meant.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// Somebody may not decide.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The release was called off before.
    #[error("the release was called off: {reason}")]
    CalledOff {
        /// Why.
        reason: String,
    },
    /// The release is over.
    #[error("the release is finished; there is nothing left to decide")]
    Finished,
    /// The plan has no such step.
    #[error("the plan has no step `{step}`")]
    UnknownStep {
        /// As it was given.
        step: StepName,
        /// The nearest name, if one is near.
        nearest: Option<String>,
    },
    /// The plan has no such gate.
    #[error("the plan has no gate `{gate}`")]
    UnknownGate {
        /// As it was given.
        gate: String,
        /// The plan's gates.
        known: Vec<String>,
    },
    /// Nothing of this name is ever confirmed.
    #[error("the plan asks for no confirmation `{what}`")]
    UnknownConfirmation {
        /// As it was given.
        what: String,
        /// What can be confirmed.
        known: Vec<String>,
    },
    /// The confirmation is not about this advisory.
    #[error("`{what}` is not asked about this advisory")]
    OtherAdvisory {
        /// As it was given.
        what: String,
        /// The advisories that it is asked about.
        advisories: Vec<GhsaId>,
    },
    /// Several steps have this name.
    #[error("`{what}` is asked {} times", .steps.len())]
    Ambiguous {
        /// As it was given.
        what: String,
        /// The steps.
        steps: Vec<StepName>,
    },
    /// A waiver needs a reason.
    #[error("the reason is empty")]
    NoReason,
    /// The gate shows something else.
    #[error("you have read `{read}`, but the gate shows {shown}")]
    OtherDigest {
        /// The beginning of the digest that was read.
        read: String,
        /// The digest of what is shown.
        shown: Digest,
    },
    /// What the gate shows is not what it asked about.
    #[error("what `{gate}` shows has changed since it asked")]
    ShownChanged {
        /// The gate's step.
        gate: StepName,
    },
    /// Approvals are of different people (EN-12).
    #[error("{by} has approved this digest already")]
    ApprovedAlready {
        /// Who.
        by: Login,
    },
    /// What conflicts is not what was resolved.
    #[error("the conflict of `{step}` is another one since it was opened")]
    ConflictChanged {
        /// The step.
        step: StepName,
    },
    /// There is no answer that could be taken back.
    #[error("nobody has answered `{step}`; there is nothing to take back")]
    NotAnswered {
        /// The step.
        step: StepName,
    },
    /// What was answered cannot be taken back any more.
    #[error("what `{step}` was answered cannot be taken back: {effect}")]
    HadEffect {
        /// The step.
        step: StepName,
        /// What came of it.
        effect: String,
    },
    /// The step does not take the decision, or not now.
    #[error("`{step}` cannot be {}{why}", .decision.participle())]
    Step {
        /// The step.
        step: StepName,
        /// The decision.
        decision: DecisionKind,
        /// What stands against it.
        why: Hindrance,
        /// What can be done about the step.
        instead: Vec<Advice>,
    },
}

impl Refusal {
    /// Whether the same decision may be accepted in a moment, where a process drives the run: its step is looked at again.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Refusal::Step { why: Hindrance::LooksAgain, .. })
    }
}

/// What stands against a decision about a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Hindrance {
    /// Its kind of step does not know the decision.
    #[error("")]
    Never,
    /// It is done.
    #[error(": it is done")]
    Done,
    /// There was nothing to do.
    #[error(": it was skipped ({why})")]
    Skipped {
        /// Why.
        why: String,
    },
    /// The release is not there yet.
    #[error(": the release has not reached it yet")]
    NotReached,
    /// It held the release, which was resumed since, and has not said yet whether it still does.
    #[error(": it is looked at again, and has not asked since")]
    LooksAgain,
    /// It acts, or was killed while it did.
    #[error(": it was begun and has not ended")]
    Begun,
    /// It was answered, and not looked at since.
    #[error(": {} answered it already", .by.as_ref().map_or("people have", Login::as_str))]
    Answered {
        /// By whom, if one person did.
        by: Option<Login>,
    },
    /// It asks something else.
    #[error(": that does not answer its question")]
    OtherQuestion,
    /// An earlier version of Lockgate asked, in words alone.
    #[error(": an earlier version of lockgate asked its question")]
    AskedByEarlier,
    /// It waits.
    #[error(": it waits for {what}, and that must come")]
    Waits {
        /// For what.
        what: String,
    },
    /// It failed, and an attempt that succeeds is what helps.
    #[error(": it failed, and must succeed")]
    Failed,
}

impl Refusal {
    /// What people can do instead; never nothing.
    #[must_use]
    pub fn instead(&self) -> Vec<Advice> {
        match self {
            Refusal::NotAllowed(error) => vec![error.who_may()],
            Refusal::CalledOff { .. } => {
                vec![Advice::then("to list what was done and how to undo it", NextAction::ShowEffects)]
            }
            Refusal::Finished => vec![
                Advice::from("what it published can only be fixed forward"),
                Advice::then("to see where it is", NextAction::ShowStatus),
            ],
            Refusal::UnknownStep { nearest: Some(nearest), .. } => vec![nearest.as_str().into()],
            Refusal::UnknownStep { nearest: None, .. } => {
                vec![Advice::then("to see the steps that hold the run up", NextAction::ShowStatus)]
            }
            Refusal::UnknownGate { gate: given, known }
            | Refusal::UnknownConfirmation { what: given, known } => {
                vec![suggest(given, known.iter().map(String::as_str)).into()]
            }
            Refusal::OtherAdvisory { advisories, .. } => {
                vec![suggest("", advisories.iter().map(GhsaId::as_str)).into()]
            }
            Refusal::Ambiguous { steps, .. } => {
                let names: Vec<&str> = steps.iter().map(StepName::as_str).collect();
                vec![format!("name its advisory, or its step: `{}`", names.join("`, `")).into()]
            }
            Refusal::NoReason => vec!["say why in a sentence; the report will show it".into()],
            Refusal::OtherDigest { .. } => vec![
                "read what is shown above, then approve it by the first six characters of its digest or more"
                    .into(),
            ],
            Refusal::ShownChanged { .. } => {
                vec![Advice::then("to have the gate ask about what it shows now", NextAction::Resume)]
            }
            Refusal::ApprovedAlready { .. } => vec![Advice::then(
                "another person must give the next approval; to see how many are missing",
                NextAction::ShowStatus,
            )],
            Refusal::ConflictChanged { step } => vec![Advice::then(
                "to open it as it is now",
                NextAction::Resolve { step: step.clone(), from: ResolveFrom::Markers },
            )],
            Refusal::NotAnswered { .. } => {
                vec![Advice::then("to see what is asked", NextAction::ShowStatus)]
            }
            Refusal::HadEffect { .. } => vec![
                Advice::then("to see what was done with it", NextAction::ShowHistory),
                Advice::then("if the release cannot go on with it, to call it off", NextAction::Abort),
            ],
            Refusal::Step { instead, .. } => instead.clone(),
        }
    }
}
