//! Where a run is: derived from its events alone (see `fold.rs`), and what may be done next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::event::Seat;
use super::retry::Retry;
use super::status::{FailedAttempt, Failures, StepStatus};
use crate::ids::StepName;
use crate::kinds::WhenHeadMoves;
use crate::plan::{Edge, Plan, Step, Subject};
use crate::steps::{Begun, Facts, MovedHead, Question, Wait, is_held};

/// Where the whole run is.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(super) statuses: BTreeMap<StepName, StepStatus>,
    /// Steps whose effect may be there: begun, and not known to have failed without one.
    pub(super) begun: BTreeSet<StepName>,
    /// Of these, the steps that act now. One that was begun before a crash is looked at first.
    pub(super) acting: BTreeSet<StepName>,
    /// How often steps failed in a row. A crash does not clear it (EN-03).
    pub(super) failures: BTreeMap<StepName, Failures>,
    /// Steps that were answered and not looked at since.
    pub(super) just_decided: BTreeSet<StepName>,
    /// What they were asked before that, for whoever takes an answer back.
    pub(super) answered: BTreeMap<StepName, Question>,
    /// Steps that held the run, and are looked at again since it was resumed.
    pub(super) looked_at_again: BTreeSet<StepName>,
    pub(super) last_wait: BTreeMap<StepName, String>,
    /// Where the journal lay when the run was last started or resumed.
    pub(super) seat: Option<Seat>,
    /// What steps may read. Those that are under way have it as it was when they began.
    pub facts: Arc<Facts>,
    /// Steps that were done when the release was amended, and stay as they were although the plan has them otherwise.
    pub standing: BTreeSet<StepName>,
    /// When each step was done.
    pub done_at: BTreeMap<StepName, Timestamp>,
    /// Whether the release was called off, and why.
    pub aborted: Option<String>,
    /// Whether every step is done.
    pub finished: bool,
}

impl State {
    /// Where a step is.
    #[must_use]
    pub fn status(&self, step: &StepName) -> &StepStatus {
        self.statuses.get(step).unwrap_or(&StepStatus::Open)
    }

    /// Whether an attempt of the step was begun whose outcome is not known.
    #[must_use]
    pub fn begun(&self, step: &StepName) -> Begun {
        if self.begun.contains(step) { Begun::Yes } else { Begun::No }
    }

    /// Whether people have answered the step, and it has not been looked at since.
    #[must_use]
    pub fn is_just_decided(&self, step: &StepName) -> bool {
        self.just_decided.contains(step)
    }

    /// Whether the step held the run and is looked at again, so that what it asks is not known at this moment.
    #[must_use]
    pub fn is_looked_at_again(&self, step: &StepName) -> bool {
        self.looked_at_again.contains(step)
    }

    /// The facts, to be changed. They are copied where a step that is under way reads them.
    pub(super) fn facts_mut(&mut self) -> &mut Facts {
        Arc::make_mut(&mut self.facts)
    }

    /// Whether the step acts now, as far as this process knows.
    pub(super) fn acts(&self, step: &StepName) -> bool {
        self.acting.contains(step)
    }

    /// Whether a step is done.
    #[must_use]
    pub fn is_done(&self, step: &StepName) -> bool {
        *self.status(step) == StepStatus::Done
    }

    /// Whether every step of the plan is done.
    #[cfg(test)]
    pub fn is_complete(&self, plan: &Plan) -> bool {
        plan.steps().all(|step| self.is_done(&step.name))
    }

    /// The steps that could be taken now: all they wait for is done, and neither people nor the clock hold them.
    ///
    /// Done is not enough for a step before: of what a moved head reopened, some is before steps that stay done. A
    /// backport that looked at the step before it alone would not wait for its branch to be assessed again, and would
    /// carry the fix to one that people left out.
    #[cfg(test)]
    pub fn ready<'a>(&self, plan: &'a Plan, now: Timestamp) -> Vec<&'a Step> {
        let mut settled: BTreeSet<&StepName> = BTreeSet::new();
        let mut ready = Vec::new();
        for step in plan.steps() {
            let mut needed = plan.before_it(&step.name, Edge::Needs);
            if !needed.all(|before| settled.contains(&before.name)) {
                continue;
            }
            if self.is_done(&step.name) {
                settled.insert(&step.name);
            } else if self.is_free(&step.name, now) && self.is_its_turn(plan, step) {
                ready.push(step);
            }
        }
        ready
    }

    /// Whether neither people nor the clock hold the step.
    pub(super) fn is_free(&self, step: &StepName, now: Timestamp) -> bool {
        let status = self.status(step);
        status.is_free(now) || status.behind().is_some_and(|before| self.is_done(before))
    }

    /// Whether every step that goes before this one is done, or cannot come before people have done something.
    pub(super) fn is_its_turn(&self, plan: &Plan, step: &Step) -> bool {
        plan.before_it(&step.name, Edge::InTurn).all(|before| {
            let is_out_of_the_way = self.is_done(&before.name) || is_held(plan, &self.facts, &before.name);
            is_out_of_the_way && self.is_its_turn(plan, before)
        })
    }

    /// When, after this time, the next of the steps that only the clock holds is looked at again, if there is one. What was due
    /// before is taken, or others go before it.
    #[cfg(test)]
    pub fn next_look(&self, now: Timestamp) -> Option<Timestamp> {
        self.statuses.values().filter_map(StepStatus::due).filter(|due| *due > now).min()
    }

    /// When, after this time, the first wait ends that only the clock holds.
    #[must_use]
    pub(super) fn next_end(&self, now: Timestamp) -> Option<Timestamp> {
        self.statuses.values().filter_map(StepStatus::ends).filter(|end| *end > now).min()
    }

    /// Whether a step waits for people: it asks them, or failed and is not tried again by itself.
    #[must_use]
    pub fn needs_people(&self) -> bool {
        self.statuses.values().any(StepStatus::needs_people)
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
        self.failed().filter(|(_, failed)| failed.retry.is_none())
    }

    /// The steps that failed and are tried again by themselves.
    pub fn retries(&self) -> impl Iterator<Item = (&StepName, &FailedAttempt, &Retry)> {
        self.failed().filter_map(|(step, failed)| Some((step, failed, failed.retry.as_ref()?)))
    }

    fn failed(&self) -> impl Iterator<Item = (&StepName, &FailedAttempt)> {
        self.statuses.iter().filter_map(|(step, status)| match status {
            StepStatus::Failed(failed) => Some((step, failed)),
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

    /// Puts off the next look of a step that keeps waiting for the same. It is no fact and in no journal: after a crash
    /// the step is looked at once more.
    pub(super) fn postpone(&mut self, step: StepName, wait: Wait) {
        self.count_look(&step);
        if let Some(before) = &wait.behind {
            self.facts_mut().behind.insert(step.clone(), before.clone());
        }
        self.statuses.insert(step, StepStatus::Waiting(wait));
    }

    /// Every step that must be taken again when these branches moved: their backports and what builds on them,
    /// up to the gates; and those of the branches into which they are merged.
    #[must_use]
    pub fn to_reopen(plan: &Plan, moved: &[MovedHead]) -> Vec<StepName> {
        let mut branches: Vec<Subject> =
            moved.iter().map(|head| Subject::of_branch(&head.repo, &head.branch)).collect();
        for target in plan.in_merge_order() {
            let below = target.merged_from.as_ref().map(|below| Subject::of_branch(&target.repo, below));
            if below.is_some_and(|below| branches.contains(&below)) {
                branches.push(target.subject());
            }
        }
        let concerned = |step: &&Step| {
            step.kind.when_head_moves() == WhenHeadMoves::Again
                && branches.iter().any(|branch| step.subject.meets(branch))
        };
        plan.steps().filter(concerned).map(|step| step.name.clone()).collect()
    }
}
