//! Where a run is, computed once for every shell: how far each target is, what holds the run up, what can be done next.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::account::public_steps;
use super::early::{EarlyCount, early};
use crate::ids::StepName;
use crate::kinds::{Phase, StepKind, Visibility, counted_kinds};
use crate::next_action::{Advice, NextAction};
use crate::plan::{Plan, Step};
use crate::run::{Retry, StampedEvent, State, StepStatus};
use crate::steps::{Begun, Blame, Question, released_before};
use crate::workflow::RELEASE_DAY;

/// Where a run is.
#[derive(Debug, Serialize)]
pub struct Status {
    /// The release's id.
    pub release: String,
    /// Its title.
    pub title: String,
    /// Where it is as a whole.
    pub state: RunState,
    /// How many steps the plan has.
    pub steps: usize,
    /// How many of them are done.
    pub done: usize,
    /// When it becomes public.
    pub disclosure: jiff::Timestamp,
    /// When its release-day gate ended the embargo; none before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embargo_ended: Option<jiff::Timestamp>,
    /// What Lockgate did that everybody can see: the kinds of step in the order of their first, and how many there are.
    pub public: Vec<PublicCount>,
    /// What everybody will see before the disclosure time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub early: Vec<EarlyCount>,
    /// How far each target, each advisory and the release as a whole are.
    pub rows: Vec<StatusRow>,
    /// What only people can answer.
    pub asked: Vec<AskedStep>,
    /// What waits for the clock or a service.
    pub waiting: Vec<WaitingStep>,
    /// What failed and is tried again by itself.
    pub retrying: Vec<RetryingStep>,
    /// What was begun and has not ended: it acts now in another process, or was killed while it did.
    pub interrupted: Vec<StepName>,
    /// What failed and is not tried again by itself.
    pub failed: Vec<FailedStep>,
    /// What people can do next, in order.
    pub next: Vec<Advice>,
    /// Who drives the run now, as they call themselves; nobody, where it rests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
}

/// What was done in public by one kind of step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicCount {
    /// The kind.
    pub kind: StepKind,
    /// How many steps of it.
    pub steps: usize,
}

/// Where a run is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// It was called off.
    Aborted,
    /// Every step is done.
    Finished,
    /// People are asked something.
    #[serde(rename = "waiting for people")]
    WaitingForPeople,
    /// There is more to do.
    Unfinished,
}

/// A target, an advisory, or the release as a whole, through the phases.
#[derive(Debug, Serialize)]
pub struct StatusRow {
    /// What it is about.
    pub subject: String,
    /// What is otherwise than planned, in a word: its release of before has every fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its phases, in order.
    pub phases: Vec<StatusCell>,
}

/// The steps of a row in one phase.
#[derive(Debug, Serialize)]
pub struct StatusCell {
    /// The phase.
    pub phase: Phase,
    /// How far its steps are.
    pub state: Progress,
    /// How many are done.
    pub done: usize,
    /// How many there are.
    pub steps: usize,
}

/// How far the steps of one cell are: the gravest that is true of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// There are none.
    None,
    /// All are done.
    Done,
    /// None is begun.
    Open,
    /// Some are done or begun.
    Begun,
    /// One waits for the clock or a service.
    Waiting,
    /// One asks people.
    Asks,
    /// One failed.
    Failed,
}

/// A step that asks people.
#[derive(Debug, Serialize)]
pub struct AskedStep {
    /// The step.
    pub step: StepName,
    /// The question.
    #[serde(flatten)]
    pub question: Question,
}

/// A step that waits.
#[derive(Debug, Serialize)]
pub struct WaitingStep {
    /// The step.
    pub step: StepName,
    /// For what.
    pub what: String,
    /// When it looks again.
    pub until: jiff::Timestamp,
    /// What people may do instead of waiting.
    pub instead: Vec<Advice>,
}

/// A step that failed and is not tried again by itself.
#[derive(Debug, Serialize)]
pub struct FailedStep {
    /// The step.
    pub step: StepName,
    /// What happened.
    pub message: String,
    /// What may be done about it.
    pub hint: Vec<Advice>,
    /// Who can do something about it.
    pub blame: Blame,
    /// How often it was tried in a row.
    pub attempts: u32,
    /// Whether its effect may be there all the same.
    pub may_have_happened: bool,
}

/// A step that failed and is tried again by itself.
#[derive(Debug, Serialize)]
pub struct RetryingStep {
    /// The step.
    pub step: StepName,
    /// What happened.
    pub message: String,
    /// The attempt that follows.
    #[serde(flatten)]
    pub retry: Retry,
    /// Whether its effect may be there all the same.
    pub may_have_happened: bool,
}

impl StatusRow {
    /// What needs somebody most in it; `None` while nothing of it is begun.
    #[must_use]
    pub fn gravest(&self) -> Option<Progress> {
        self.phases.iter().map(|cell| cell.state).filter(|state| *state != Progress::Open).max()
    }
}

impl Status {
    /// The status of a run of this plan.
    #[must_use]
    pub fn of(plan: &Plan, state: &State, events: &[StampedEvent]) -> Status {
        let asked: Vec<AskedStep> = state
            .questions()
            .map(|(step, question)| AskedStep { step: step.clone(), question: question.clone() })
            .collect();
        let rows = rows(plan, state);
        Status {
            release: plan.inputs.release.id.clone(),
            title: plan.inputs.release.title.clone(),
            state: match (&state.aborted, state.finished, asked.is_empty()) {
                (Some(_), ..) => RunState::Aborted,
                (None, true, _) => RunState::Finished,
                (None, false, false) => RunState::WaitingForPeople,
                (None, false, true) => RunState::Unfinished,
            },
            steps: plan.step_count(),
            // Each step is in one cell.
            done: rows.iter().flat_map(|row| &row.phases).map(|cell| cell.done).sum(),
            disclosure: plan.inputs.release.disclosure,
            embargo_ended: state.facts.passage(plan, RELEASE_DAY).map(|passage| passage.at),
            public: public(events),
            early: early(plan, state),
            rows,
            next: next(state, &asked),
            asked,
            waiting: waiting(plan, state),
            failed: failed(state),
            retrying: retrying(state),
            interrupted: interrupted(plan, state),
            driver: None,
        }
    }
}

/// What everybody can see by now, and Lockgate did.
fn public(events: &[StampedEvent]) -> Vec<PublicCount> {
    let kinds = public_steps(events).into_iter().map(|(_, kind)| kind);
    counted_kinds(kinds).into_iter().map(|(kind, steps)| PublicCount { kind, steps }).collect()
}

fn failed(state: &State) -> Vec<FailedStep> {
    let failures = state.failures_left().map(|(step, failed)| FailedStep {
        step: step.clone(),
        message: failed.message.clone(),
        hint: failed.hint.clone(),
        blame: failed.blame,
        attempts: failed.attempts,
        may_have_happened: state.begun(step) == Begun::Yes,
    });
    failures.collect()
}

/// The rows: the release, each advisory, each repository's own steps, each target; in the order of their first steps.
fn rows(plan: &Plan, state: &State) -> Vec<StatusRow> {
    let mut order: Vec<String> = Vec::new();
    let mut steps: BTreeMap<(String, Phase), Vec<&Step>> = BTreeMap::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for step in plan.steps() {
        let row = row_of(step);
        if known.insert(row.clone()) {
            order.push(row.clone());
        }
        steps.entry((row, step.phase)).or_default().push(step);
    }
    let row = |subject: String| {
        let cell_of = |phase: &Phase| {
            cell(*phase, steps.get(&(subject.clone(), *phase)).map_or(&[], Vec::as_slice), state)
        };
        StatusRow { phases: Phase::ALL.iter().map(cell_of).collect(), subject, note: None }
    };
    let mut rows: Vec<StatusRow> = order.into_iter().map(row).collect();
    for target in &plan.targets {
        let Some(before) = released_before(plan, &state.facts, target) else { continue };
        let label = target.label();
        if let Some(row) = rows.iter_mut().find(|row| row.subject == label) {
            row.note = Some(format!("released already as {before}"));
        }
    }
    rows
}

/// The row that a step belongs to.
fn row_of(step: &Step) -> String {
    let subject = &step.subject;
    match (&subject.repo, &subject.branch, &subject.advisory) {
        (Some(repo), Some(branch), _) => format!("{repo} {branch}"),
        (_, None, Some(advisory)) => advisory.to_string(),
        (Some(repo), None, None) => repo.to_string(),
        _ => "release".to_owned(),
    }
}

fn cell(phase: Phase, steps: &[&Step], state: &State) -> StatusCell {
    let found: Vec<Progress> = steps.iter().map(|step| progress_of(state.status(&step.name))).collect();
    let done = found.iter().filter(|progress| **progress == Progress::Done).count();
    let progress = match found.iter().max().copied() {
        None => Progress::None,
        Some(Progress::Open) if done > 0 => Progress::Begun,
        Some(worst) => worst,
    };
    StatusCell { phase, state: progress, done, steps: steps.len() }
}

/// One step as a cell shows it.
fn progress_of(status: &StepStatus) -> Progress {
    match status {
        StepStatus::Done => Progress::Done,
        StepStatus::Open => Progress::Open,
        StepStatus::Begun => Progress::Begun,
        StepStatus::Waiting(_) => Progress::Waiting,
        StepStatus::Asked(_) => Progress::Asks,
        StepStatus::Failed(failed) if failed.retry.is_some() => Progress::Waiting,
        StepStatus::Failed(_) => Progress::Failed,
    }
}

fn waiting(plan: &Plan, state: &State) -> Vec<WaitingStep> {
    plan.steps()
        .filter_map(|step| match state.status(&step.name) {
            StepStatus::Waiting(wait) => Some(WaitingStep {
                step: step.name.clone(),
                what: wait.what.clone(),
                until: wait.until,
                instead: wait.instead.clone(),
            }),
            _ => None,
        })
        .collect()
}

fn retrying(state: &State) -> Vec<RetryingStep> {
    let retries = state.retries().map(|(step, failed, retry)| RetryingStep {
        step: step.clone(),
        message: failed.message.clone(),
        retry: retry.clone(),
        may_have_happened: state.begun(step) == Begun::Yes,
    });
    retries.collect()
}

/// The steps whose effect may be outside of this machine, and of which nothing more is known.
fn interrupted(plan: &Plan, state: &State) -> Vec<StepName> {
    plan.steps()
        .filter(|step| *state.status(&step.name) == StepStatus::Begun)
        .filter(|step| step.kind.visibility() != Visibility::Local)
        .map(|step| step.name.clone())
        .collect()
}

/// Several plain confirmations as one, and what is beside them.
fn confirmed_together(advice: Vec<&Advice>) -> (Option<Advice>, Vec<&Advice>) {
    let confirmed = |advice: &Advice| match (&advice.text, &advice.action) {
        (None, Some(NextAction::Confirm { step })) => Some(step.clone()),
        _ => None,
    };
    let steps: Vec<StepName> = advice.iter().filter_map(|advice| confirmed(advice)).collect();
    if steps.len() < 2 {
        return (None, advice);
    }
    let others = advice.into_iter().filter(|advice| confirmed(advice).is_none()).collect();
    (Some(Advice::then("all of these, if they are so", NextAction::ConfirmAll { steps })), others)
}

/// What people can do next, each thing once, in order.
fn next(state: &State, asked: &[AskedStep]) -> Vec<Advice> {
    if state.finished || state.aborted.is_some() {
        return Vec::new();
    }
    let mut next: Vec<Advice> = Vec::new();
    let mut tell = |advice: Advice| {
        if !next.contains(&advice) {
            next.push(advice);
        }
    };
    // Whatever is to be done before the run is resumed, it is resumed once, after all of it.
    let all = asked.iter().flat_map(|asked| &asked.question.next);
    let (resumes, others): (Vec<&Advice>, Vec<&Advice>) =
        all.partition(|advice| advice.action == Some(NextAction::Resume));
    let (together, others) = confirmed_together(others);
    together.into_iter().for_each(&mut tell);
    others.into_iter().for_each(|advice| tell(advice.clone()));
    resumes.iter().filter_map(|advice| advice.text.clone()).for_each(|text| tell(text.into()));
    tell(NextAction::Resume.into());
    next
}
