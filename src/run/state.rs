//! Where a run stands: a pure fold over its events, and what may be done next.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::event::{Event, StampedEvent};
use super::retry::Retry;
use crate::failure::Effect;
use crate::ids::StepName;
use crate::kinds::WhenHeadMoves;
use crate::plan::{Plan, Step, Subject};
use crate::steps::{Begun, Blame, Facts, MovedHead, Question, Wait};

/// Where one step stands.
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

/// An attempt that failed. [`State::begun`] tells whether its effect may be there all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedAttempt {
    /// What happened.
    pub message: String,
    /// What may be done about it.
    pub hint: Option<String>,
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
struct Failures {
    looking: u32,
    acting: u32,
}

/// Where the whole run stands.
#[derive(Debug, Clone, Default)]
pub struct State {
    statuses: BTreeMap<StepName, StepStatus>,
    /// Steps whose effect may be there: begun, and not known to have failed without one.
    begun: BTreeSet<StepName>,
    /// Of these, the steps that act now. One that was begun before a crash is looked at first.
    acting: BTreeSet<StepName>,
    /// How often steps failed in a row. A crash does not clear it (EN-03).
    failures: BTreeMap<StepName, Failures>,
    last_wait: BTreeMap<StepName, String>,
    /// What steps may read.
    pub facts: Facts,
    /// The hour of every step's completion.
    pub done_at: BTreeMap<StepName, Timestamp>,
    /// Whether the release was called off, and why.
    pub aborted: Option<String>,
    /// Whether every step is done.
    pub finished: bool,
}

impl State {
    /// The state after these events.
    #[must_use]
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a StampedEvent>) -> State {
        let mut state = State::default();
        for stamped in events {
            state.apply(stamped);
        }
        state
    }

    /// Takes one more event into account.
    pub fn apply(&mut self, stamped: &StampedEvent) {
        match &stamped.record {
            Event::Started { .. } => {}
            Event::Resumed { .. } => self.take_up(),
            Event::Intent { step } => {
                // What it waited for has come; a wait after the act is another one.
                self.facts.waiting_since.remove(step);
                self.facts.looks.remove(step);
                self.looked(step);
                self.begun.insert(step.clone());
                self.acting.insert(step.clone());
                self.set(step, StepStatus::Begun);
            }
            Event::Done { step, output, .. } => {
                self.begun.remove(step);
                self.acting.remove(step);
                self.failures.remove(step);
                self.facts.outputs.insert(step.clone(), output.clone());
                self.facts.waiting_since.remove(step);
                self.facts.looks.remove(step);
                self.done_at.insert(step.clone(), stamped.at);
                self.set(step, StepStatus::Done);
            }
            Event::Failed { step, message, hint, effect, blame, retry } => {
                self.count_failure(step, *effect);
                let failed = FailedAttempt {
                    message: message.clone(),
                    hint: hint.clone(),
                    blame: *blame,
                    attempts: self.failures(step),
                    retry: retry.clone(),
                };
                self.set(step, StepStatus::Failed(failed));
            }
            Event::Waiting { step, wait } => {
                self.looked(step);
                self.facts.waiting_since.entry(step.clone()).or_insert(stamped.at);
                self.count_look(step);
                self.last_wait.insert(step.clone(), wait.what.clone());
                self.set(step, StepStatus::Waiting(wait.clone()));
            }
            Event::Asked { step, question } => {
                self.looked(step);
                self.set(step, StepStatus::Asked(question.clone()));
            }
            Event::Approved { step, digest, by } => {
                let approvals = self.facts.approvals.entry(step.clone()).or_default();
                approvals.push((by.clone(), digest.clone()));
                self.reopen(step);
            }
            Event::Decided { step, decision, by } => {
                self.facts.decided_by.insert(step.clone(), by.clone());
                self.facts.decisions.insert(step.clone(), decision.clone());
                self.reopen(step);
            }
            Event::Rerun { step } => {
                self.looked(step);
                self.begun.remove(step);
                *self.facts.reruns.entry(step.clone()).or_default() += 1;
            }
            Event::Reopened { moved, steps } => self.go_back(moved, steps),
            Event::Aborted { reason, .. } => self.aborted = Some(reason.clone()),
            Event::Finished => self.finished = true,
        }
    }

    /// Where a step stands.
    #[must_use]
    pub fn status(&self, step: &StepName) -> &StepStatus {
        self.statuses.get(step).unwrap_or(&StepStatus::Open)
    }

    /// Whether an attempt of the step was begun whose outcome is not known.
    #[must_use]
    pub fn begun(&self, step: &StepName) -> Begun {
        if self.begun.contains(step) { Begun::Yes } else { Begun::No }
    }

    /// Whether a step is done.
    #[must_use]
    pub fn is_done(&self, step: &StepName) -> bool {
        *self.status(step) == StepStatus::Done
    }

    /// The steps that could be taken now: all they wait for is done, and neither people nor the clock hold them.
    #[must_use]
    pub fn ready<'a>(&self, plan: &'a Plan, now: Timestamp) -> Vec<&'a Step> {
        plan.steps()
            .filter(|step| self.is_free(&step.name, now))
            .filter(|step| plan.after(&step.name).all(|before| self.is_done(&before.name)))
            .collect()
    }

    fn is_free(&self, step: &StepName, now: Timestamp) -> bool {
        match self.status(step) {
            StepStatus::Open | StepStatus::Begun => true,
            StepStatus::Waiting(wait) => wait.until <= now,
            StepStatus::Failed(failed) => failed.retry.as_ref().is_some_and(|retry| retry.at <= now),
            StepStatus::Asked(_) | StepStatus::Done => false,
        }
    }

    /// The hour at which something that waits is to be looked at again, if anything waits.
    #[must_use]
    pub fn next_look(&self) -> Option<Timestamp> {
        self.statuses
            .values()
            .filter_map(|status| match status {
                StepStatus::Waiting(wait) => Some(wait.until),
                StepStatus::Failed(failed) => failed.retry.as_ref().map(|retry| retry.at),
                _ => None,
            })
            .min()
    }

    /// The steps that ask people, with their questions.
    pub fn questions(&self) -> impl Iterator<Item = (&StepName, &Question)> {
        self.statuses.iter().filter_map(|(step, status)| match status {
            StepStatus::Asked(question) => Some((step, question)),
            _ => None,
        })
    }

    /// The steps that failed and are not tried again by themselves.
    pub fn failures_left(&self) -> impl Iterator<Item = (&StepName, &FailedAttempt)> {
        self.statuses.iter().filter_map(|(step, status)| match status {
            StepStatus::Failed(failed) if failed.retry.is_none() => Some((step, failed)),
            _ => None,
        })
    }

    /// The steps that failed and are tried again by themselves.
    pub fn retries(&self) -> impl Iterator<Item = (&StepName, &FailedAttempt, &Retry)> {
        self.statuses.iter().filter_map(|(step, status)| match status {
            StepStatus::Failed(failed) => Some((step, failed, failed.retry.as_ref()?)),
            _ => None,
        })
    }

    /// How often a step has failed in a row.
    #[must_use]
    pub fn failures(&self, step: &StepName) -> u32 {
        self.failures.get(step).map_or(0, |failures| failures.looking + failures.acting)
    }

    /// Whether a step is known to wait for exactly this.
    #[must_use]
    pub fn waits_for(&self, step: &StepName, what: &str) -> bool {
        self.facts.waiting_since.contains_key(step)
            && self.last_wait.get(step).is_some_and(|last| last == what)
    }

    /// Puts off the next look of a step that goes on waiting for the same.
    pub fn postpone(&mut self, step: StepName, wait: Wait) {
        self.count_look(&step);
        self.statuses.insert(step, StepStatus::Waiting(wait));
    }

    /// A look answered; an act that was under way ended well enough to be looked at.
    fn looked(&mut self, step: &StepName) {
        let acted = self.acting.remove(step);
        if let Some(failures) = self.failures.get_mut(step) {
            failures.looking = 0;
            failures.acting = if acted { 0 } else { failures.acting };
        }
    }

    fn count_failure(&mut self, step: &StepName, effect: Effect) {
        let failures = self.failures.entry(step.clone()).or_default();
        if self.acting.remove(step) {
            failures.acting += 1;
            if effect == Effect::None {
                self.begun.remove(step);
            }
        } else {
            // A look that fails says nothing about what was begun before it.
            failures.looking += 1;
        }
        // What it waits for from now on is told again.
        self.last_wait.remove(step);
    }

    fn count_look(&mut self, step: &StepName) {
        *self.facts.looks.entry(step.clone()).or_default() += 1;
    }

    /// Every step that must be taken again when these branches moved: their backports and what builds on them,
    /// up to the gates.
    #[must_use]
    pub fn to_reopen(plan: &Plan, moved: &[MovedHead]) -> Vec<StepName> {
        let concerned = |step: &&Step| {
            step.kind.when_head_moves() == WhenHeadMoves::Again
                && moved.iter().any(|head| step.subject.meets(&Subject::of_branch(&head.repo, &head.branch)))
        };
        plan.steps().filter(concerned).map(|step| step.name.clone()).collect()
    }

    fn set(&mut self, step: &StepName, status: StepStatus) {
        if needs_people(&status) {
            self.facts.held.insert(step.clone());
        } else {
            self.facts.held.remove(step);
        }
        self.statuses.insert(step.clone(), status);
    }

    /// Something was answered: a step that asked is looked at again.
    fn reopen(&mut self, step: &StepName) {
        if !self.is_done(step) {
            let status = if self.begun.contains(step) { StepStatus::Begun } else { StepStatus::Open };
            self.set(step, status);
        }
    }

    /// A new operator, or the same again: questions are asked again, and what people were asked about gets new
    /// attempts. A pause between attempts goes on, or a crash would shorten it and a loop of crashes skip it.
    fn take_up(&mut self) {
        self.acting.clear();
        let open: Vec<StepName> = self
            .statuses
            .iter()
            .filter(|(_, status)| !matches!(status, StepStatus::Done) && !is_retried(status))
            .map(|(step, _)| step.clone())
            .collect();
        for step in open {
            if needs_people(self.status(&step)) {
                self.failures.remove(&step);
            }
            self.facts.waiting_since.remove(&step);
            self.reopen(&step);
        }
    }

    fn go_back(&mut self, moved: &[MovedHead], steps: &[StepName]) {
        for head in moved {
            self.facts.moved.insert((head.repo.clone(), head.branch.clone()), head.to.clone());
        }
        for step in steps {
            self.statuses.remove(step);
            self.facts.held.remove(step);
            self.begun.remove(step);
            self.acting.remove(step);
            self.failures.remove(step);
            self.facts.outputs.remove(step);
            self.done_at.remove(step);
        }
    }
}

/// Whether a step goes on only when people have done something.
fn needs_people(status: &StepStatus) -> bool {
    match status {
        StepStatus::Asked(_) => true,
        StepStatus::Failed(failed) => failed.retry.is_none(),
        _ => false,
    }
}

fn is_retried(status: &StepStatus) -> bool {
    matches!(status, StepStatus::Failed(failed) if failed.retry.is_some())
}
