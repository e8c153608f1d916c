//! The fold: what each event changes. Pure, so that a journal read twice gives the same state, and a state kept up to
//! date event by event is the one that its journal gives.

use jiff::Timestamp;

use super::event::{Event, Inheritance, Seat, StampedEvent};
use super::retry::Retry;
use super::state::State;
use super::status::{FailedAttempt, StepStatus};
use crate::failure::Effect;
use crate::ids::{Digest, Login, StepName};
use crate::next_action::Advice;
use crate::steps::{Blame, Decision, MovedHead, Output, Question, QuestionKind, Wait};

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
            Event::Started { seat, .. } => self.sit(seat.as_ref()),
            Event::Resumed { seat, .. } => {
                self.sit(seat.as_ref());
                self.resume();
            }
            Event::Intent { step } => self.begin(step),
            Event::Done { step, output, .. } => self.finish(step, output, stamped.at),
            Event::Failed { step, message, hint, effect, blame, retry } => {
                self.count_failure(step, *effect);
                let status = self.failed_status(step, message, hint, *blame, retry.as_ref());
                self.set(step, status);
            }
            Event::Waiting { step, wait } => self.wait(step, wait, stamped.at),
            Event::Asked { step, question } => {
                self.answered(step);
                self.set(step, StepStatus::Asked(question.clone()));
            }
            Event::Approved { step, digest, by, .. } => {
                let approvals = self.facts_mut().approvals.entry(step.clone()).or_default();
                approvals.push((by.clone(), digest.clone()));
                self.approved(step, digest);
            }
            Event::Decided { step, decision, by } => self.decide(step, decision, by),
            Event::Withdrawn { step, by, steps } => {
                self.withdraw(step, by);
                if !steps.is_empty() {
                    self.amend(steps, &[], &[]);
                }
            }
            Event::Rerun { step } => {
                self.answered(step);
                self.begun.remove(step);
                *self.facts_mut().reruns.entry(step.clone()).or_default() += 1;
            }
            Event::Reopened { moved, steps } => self.reopen(moved, steps),
            Event::Amended { changed, keeping, dropped, standing, .. } => {
                self.standing.extend(standing.iter().cloned());
                self.amend(changed, keeping, dropped);
            }
            Event::Inherited(left) => self.inherit(left),
            // The step was done, and stays so: nothing takes it again in a run that was called off.
            Event::TakenBack { .. } => {}
            Event::Aborted { reason, .. } => self.aborted = Some(reason.clone()),
            Event::Finished => self.finished = true,
        }
    }

    fn inherit(&mut self, left: &Inheritance) {
        let facts = self.facts_mut();
        facts.sent_before.clone_from(&left.mails);
        facts.doubtful.clone_from(&left.doubtful);
        facts.pushed_before.clone_from(&left.pushed);
        facts.pulls_before.clone_from(&left.pulls);
        facts.merged_before.clone_from(&left.merged);
    }

    /// A run that continues elsewhere may continue where it was, too.
    fn sit(&mut self, seat: Option<&Seat>) {
        let Some(now) = seat else { return };
        let is_elsewhere = self.seat.as_ref().is_some_and(|before| before != now);
        self.facts_mut().copied |= is_elsewhere;
        if now.file.is_some() {
            self.seat = Some(now.clone());
        }
    }

    /// The question is open again as it was, and nothing of the answer counts. Whether it had an effect is asked before.
    fn withdraw(&mut self, step: &StepName, by: &Login) {
        let was_done = self.is_done(step);
        let facts = self.facts_mut();
        let approvals = facts.approvals.get_mut(step).map(std::mem::take).unwrap_or_default();
        let (theirs, others): (Vec<_>, Vec<_>) = approvals.into_iter().partition(|(who, _)| who == by);
        if !others.is_empty() {
            facts.approvals.insert(step.clone(), others);
        }
        facts.decisions.remove(step);
        facts.decided_by.remove(step);
        facts.decided_trees.remove(step);
        facts.acted_since_decision.remove(step);
        self.outdate(step);
        self.done_at.remove(step);
        if let Some(StepStatus::Asked(Question {
            kind: QuestionKind::Approval { digest, missing }, ..
        })) = self.statuses.get_mut(step)
        {
            *missing += theirs.iter().filter(|(_, of)| of == digest).count();
            return;
        }
        if was_done || self.just_decided.contains(step) {
            let asked = self.answered.get(step).cloned();
            self.set(step, asked.map_or(StepStatus::Open, StepStatus::Asked));
        }
    }

    fn decide(&mut self, step: &StepName, decision: &Decision, by: &Login) {
        // The question is known no more once it is answered.
        match self.status(step) {
            StepStatus::Asked(Question { kind: QuestionKind::Tree { tree }, .. }) => {
                let tree = tree.clone();
                self.facts_mut().decided_trees.insert(step.clone(), tree);
            }
            _ => drop(self.facts_mut().decided_trees.remove(step)),
        }
        self.facts_mut().decided_by.insert(step.clone(), by.clone());
        self.facts_mut().decisions.insert(step.clone(), decision.clone());
        self.facts_mut().acted_since_decision.remove(step);
        self.await_look(step);
    }

    fn begin(&mut self, step: &StepName) {
        // What it waited for has come; a wait after the act is another one.
        self.forget_wait(step);
        self.answered(step);
        self.begun.insert(step.clone());
        self.acting.insert(step.clone());
        if self.facts.decisions.contains_key(step) {
            self.facts_mut().acted_since_decision.insert(step.clone());
        }
        self.set(step, StepStatus::Begun);
    }

    fn finish(&mut self, step: &StepName, output: &Output, at: Timestamp) {
        self.forget_attempts(step);
        self.forget_wait(step);
        self.facts_mut().outputs.insert(step.clone(), output.clone());
        self.done_at.insert(step.clone(), at);
        self.set(step, StepStatus::Done);
    }

    fn wait(&mut self, step: &StepName, wait: &Wait, at: Timestamp) {
        self.answered(step);
        self.facts_mut().waiting_since.entry(step.clone()).or_insert(at);
        self.count_look(step);
        self.last_wait.insert(step.clone(), wait.what.clone());
        self.set(step, StepStatus::Waiting(wait.clone()));
    }

    fn failed_status(
        &self,
        step: &StepName,
        message: &str,
        hint: &[Advice],
        blame: Blame,
        retry: Option<&Retry>,
    ) -> StepStatus {
        StepStatus::Failed(FailedAttempt {
            message: message.to_owned(),
            hint: hint.to_vec(),
            blame,
            attempts: self.failures(step),
            retry: retry.cloned(),
        })
    }

    /// A look answered, or an act that was under way ended well enough to be looked at.
    fn answered(&mut self, step: &StepName) {
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
            // A look that fails says nothing about what was begun before it: a mail whose sending broke off would be
            // sent a second time.
            failures.looking += 1;
        }
        // What it waits for from now on is told again.
        self.last_wait.remove(step);
    }

    pub(super) fn count_look(&mut self, step: &StepName) {
        *self.facts_mut().looks.entry(step.clone()).or_default() += 1;
    }

    fn set(&mut self, step: &StepName, status: StepStatus) {
        if status.needs_people() {
            self.facts_mut().held.insert(step.clone());
        } else {
            self.facts_mut().held.remove(step);
        }
        match status.behind() {
            Some(before) => drop(self.facts_mut().behind.insert(step.clone(), before.clone())),
            None => drop(self.facts_mut().behind.remove(step)),
        }
        self.just_decided.remove(step);
        self.looked_at_again.remove(step);
        self.statuses.insert(step.clone(), status);
    }

    /// One approval less is missing. The gate stays open for the others, and is looked at again after the last.
    fn approved(&mut self, gate: &StepName, approved: &Digest) {
        match self.statuses.get_mut(gate) {
            Some(StepStatus::Asked(Question {
                kind: QuestionKind::Approval { digest, missing }, ..
            })) if digest == approved && *missing > 1 => *missing -= 1,
            _ => self.await_look(gate),
        }
    }

    /// People decided about the step: it is looked at again, and until then every other answer comes too late.
    fn await_look(&mut self, step: &StepName) {
        match self.status(step) {
            StepStatus::Asked(question) => {
                let question = question.clone();
                self.answered.insert(step.clone(), question);
            }
            _ => drop(self.answered.remove(step)),
        }
        self.look_again(step);
        if !self.is_done(step) {
            self.just_decided.insert(step.clone());
        }
    }

    /// Something was answered: a step that asked is looked at again.
    fn look_again(&mut self, step: &StepName) {
        if !self.is_done(step) {
            let status = if self.begun.contains(step) { StepStatus::Begun } else { StepStatus::Open };
            if *self.status(step) != status {
                self.set(step, status);
            }
        }
    }

    /// A new operator, or the same again: questions are asked again, and what people were asked about gets new
    /// attempts. A pause between attempts stays as it is, or a crash would shorten it and a loop of crashes skip it.
    fn resume(&mut self) {
        self.acting.clear();
        let is_open = |status: &StepStatus| *status != StepStatus::Done && !status.is_retried();
        let open: Vec<StepName> = self
            .statuses
            .iter()
            .filter(|(_, status)| is_open(status))
            .map(|(step, _)| step.clone())
            .collect();
        for step in open {
            if self.status(&step).needs_people() {
                self.failures.remove(&step);
            }
            self.forget_wait(&step);
            let held = !matches!(self.status(&step), StepStatus::Open | StepStatus::Begun);
            self.look_again(&step);
            if held {
                self.looked_at_again.insert(step);
            }
        }
    }

    fn reopen(&mut self, moved: &[MovedHead], steps: &[StepName]) {
        for head in moved {
            self.facts_mut().moved.insert((head.repo.clone(), head.branch.clone()), head.to.clone());
        }
        for step in steps {
            self.forget_attempts(step);
            self.forget_wait(step);
            self.facts_mut().outputs.remove(step);
            self.done_at.remove(step);
            self.set(step, StepStatus::Open);
        }
    }

    /// What people said of a step that is another now was said of the one before. What was begun and has not ended stays
    /// so: its effect may be there.
    fn amend(&mut self, changed: &[StepName], keeping: &[StepName], dropped: &[StepName]) {
        for step in changed.iter().chain(dropped) {
            self.failures.remove(step);
            self.acting.remove(step);
            self.forget_wait(step);
            self.outdate(step);
            if !keeping.contains(step) {
                self.facts_mut().decisions.remove(step);
                self.facts_mut().decided_by.remove(step);
                self.facts_mut().decided_trees.remove(step);
            }
            self.done_at.remove(step);
            self.set(step, StepStatus::Open);
        }
        for step in dropped {
            self.statuses.remove(step);
            self.begun.remove(step);
        }
        // Until when the others waited was said by the plan before, and what gates show is of that plan.
        let is_outdated = |status: &StepStatus| match status {
            StepStatus::Waiting(_) => true,
            StepStatus::Asked(question) => matches!(question.kind, QuestionKind::Approval { .. }),
            _ => false,
        };
        let outdated = self.statuses.iter().filter(|(_, status)| is_outdated(status));
        for step in outdated.map(|(step, _)| step.clone()).collect::<Vec<StepName>>() {
            self.last_wait.remove(&step);
            self.look_again(&step);
        }
    }

    /// What the step left counts no more, and what it pushed or opened is still there, and ours. A push that was begun and
    /// has not ended pushed what was made for it.
    fn outdate(&mut self, step: &StepName) {
        let facts = self.facts_mut();
        let made = match facts.outputs.get(step) {
            Some(Output::Ref(pushed)) => Some(pushed.commit.clone()),
            // Without commits it is the branch's own head.
            Some(Output::Patch(patch)) => patch.commits.last().map(|_| patch.head.clone()),
            Some(Output::Bump(bump)) => Some(bump.commit.clone()),
            Some(Output::Pull(pull)) => {
                let pull = pull.clone();
                facts.pulls_before.push(pull);
                None
            }
            _ => None,
        };
        facts.pushed_before.extend(made);
        facts.outputs.remove(step);
    }

    fn forget_attempts(&mut self, step: &StepName) {
        self.begun.remove(step);
        self.acting.remove(step);
        self.failures.remove(step);
    }

    fn forget_wait(&mut self, step: &StepName) {
        self.facts_mut().waiting_since.remove(step);
        self.facts_mut().looks.remove(step);
    }
}
