//! Where one step is.

use jiff::Timestamp;

use super::retry::Retry;
use crate::ids::StepName;
use crate::next_action::Advice;
use crate::steps::{Blame, Question, Wait};

/// Where one step is.
#[derive(Debug, Clone, PartialEq)]
pub enum StepStatus {
    /// Not begun.
    Open,
    /// Begun; the outcome is not known.
    Begun,
    /// Waits for something.
    Waiting(Wait),
    /// Asks people.
    Asked(Question),
    /// The last attempt failed.
    Failed(FailedAttempt),
    /// Done.
    Done,
}

/// An attempt that failed. [`State::begun`](super::State::begun) tells whether its effect may be there all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedAttempt {
    /// What happened.
    pub message: String,
    /// What may be done about it.
    pub hint: Vec<Advice>,
    /// Who can do something about it.
    pub blame: Blame,
    /// How many attempts in a row have failed, this one included.
    pub attempts: u32,
    /// The attempt that follows by itself, if one does.
    pub retry: Option<Retry>,
}

/// How often a step failed in a row. Looking and acting are counted apart: a look that succeeds says nothing about
/// the act after it, or a service that can be read and not written would be tried for ever.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Failures {
    pub(super) looking: u32,
    pub(super) acting: u32,
}

impl StepStatus {
    /// Whether the step continues only when people have done something.
    pub(super) fn needs_people(&self) -> bool {
        match self {
            StepStatus::Asked(_) => true,
            StepStatus::Failed(failed) => failed.retry.is_none(),
            StepStatus::Open | StepStatus::Begun | StepStatus::Waiting(_) | StepStatus::Done => false,
        }
    }

    /// When the step is looked at again by itself, if only the clock holds it.
    pub(super) fn due(&self) -> Option<Timestamp> {
        match self {
            StepStatus::Waiting(wait) if wait.behind.is_some() => None,
            StepStatus::Waiting(wait) => Some(wait.meanwhile.map_or(wait.until, |look| look.min(wait.until))),
            StepStatus::Failed(failed) => failed.retry.as_ref().map(|retry| retry.at),
            StepStatus::Open | StepStatus::Begun | StepStatus::Asked(_) | StepStatus::Done => None,
        }
    }

    /// When the clock alone ends what holds it; looks in between end nothing.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        match self {
            StepStatus::Waiting(wait) => self.due().map(|_| wait.until),
            _ => self.due(),
        }
    }

    /// Whether the step can be looked at now.
    pub(super) fn is_free(&self, now: Timestamp) -> bool {
        match self {
            StepStatus::Open | StepStatus::Begun => true,
            StepStatus::Done => false,
            held => held.due().is_some_and(|due| due <= now),
        }
    }

    /// The step that it waits behind, if it is not the clock that holds it.
    pub(super) fn behind(&self) -> Option<&StepName> {
        match self {
            StepStatus::Waiting(wait) => wait.behind.as_ref(),
            _ => None,
        }
    }

    /// Whether it is in the pause before an attempt that follows by itself.
    pub(super) fn is_retried(&self) -> bool {
        matches!(self, StepStatus::Failed(failed) if failed.retry.is_some())
    }
}
