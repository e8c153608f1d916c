//! What follows from a step's answer: pure, so that the engine and the tests that kill it at every event share it.

use jiff::Timestamp;

use super::event::{Completion, Event};
use super::retry;
use super::state::State;
use crate::failure::Effect;
use crate::kinds::Visibility;
use crate::next_action::{Advice, NextAction};
use crate::plan::{Plan, Step};
use crate::steps::{Applied, Begun, Blame, MovedHead, Observed, Output, StepError, Wait};

/// What a step came back with.
#[derive(Debug)]
pub(super) enum StepResult {
    /// From looking.
    Looked(Result<Observed, StepError>),
    /// From acting.
    Acted(Result<Applied, StepError>),
}

/// What follows.
#[derive(Debug)]
pub(super) enum Next {
    /// These facts, in this order.
    Record(Vec<Event>),
    /// The step acts, once its intent is on disk.
    Act,
    /// Nothing new: it keeps waiting for the same.
    Postpone(Wait),
}

/// What follows from a step's result.
pub(super) fn next(state: &State, plan: &Plan, step: &Step, result: StepResult, now: Timestamp) -> Next {
    let name = step.name.clone();
    match result {
        StepResult::Looked(Ok(Observed::Todo)) => Next::Act,
        StepResult::Looked(Ok(Observed::Done(output))) => done(state, step, Completion::Adopted, output),
        StepResult::Acted(Ok(Applied::Done(output))) => done(state, step, Completion::Acted, output),
        StepResult::Looked(Ok(Observed::Wait(wait))) | StepResult::Acted(Ok(Applied::Wait(wait))) => {
            waits(state, step, wait)
        }
        // The count of reruns is a fact of its own, and so is what is awaited from then on.
        StepResult::Acted(Ok(Applied::Rerun(wait))) => {
            Next::Record(vec![Event::Rerun { step: name.clone() }, Event::Waiting { step: name, wait }])
        }
        StepResult::Looked(Ok(Observed::Ask(question))) | StepResult::Acted(Ok(Applied::Ask(question))) => {
            Next::Record(vec![Event::Asked { step: name, question }])
        }
        StepResult::Looked(Ok(Observed::Lapsed(gates))) => {
            Next::Record(vec![Event::Reopened { moved: Vec::new(), steps: gates }])
        }
        StepResult::Looked(Ok(Observed::Moved(moved))) => Next::Record(vec![reopened(plan, moved)]),
        StepResult::Looked(Err(error)) | StepResult::Acted(Err(error)) => {
            Next::Record(vec![failed(state, plan, step, error, now)])
        }
    }
}

fn done(state: &State, step: &Step, how: Completion, output: Output) -> Next {
    // What was begun and is found done was done by us; what leaves nothing outside cannot be found there.
    let ours = step.kind.visibility() == Visibility::Local || state.begun(&step.name) == Begun::Yes;
    let how = if ours { Completion::Acted } else { how };
    Next::Record(vec![Event::Done { step: step.name.clone(), how, output }])
}

/// That a step waits is a fact, and so is any change of what for; that it looked once more in vain is not.
fn waits(state: &State, step: &Step, wait: Wait) -> Next {
    if state.waits_for(&step.name, &wait.what) {
        return Next::Postpone(wait);
    }
    Next::Record(vec![Event::Waiting { step: step.name.clone(), wait }])
}

fn reopened(plan: &Plan, moved: Vec<MovedHead>) -> Event {
    let steps = State::to_reopen(plan, &moved);
    Event::Reopened { moved, steps }
}

fn names_files(advice: &Advice) -> bool {
    matches!(advice.action, Some(NextAction::Amend { .. }))
}

fn failed(state: &State, plan: &Plan, step: &Step, error: StepError, now: Timestamp) -> Event {
    let failures = state.failures(&step.name) + 1;
    let patience = plan.inputs.workflow.policy.patience;
    // A look changes nothing, and a step that acts on this machine alone leaves nothing to look for outside.
    let outward = state.acts(&step.name) && step.kind.visibility() != Visibility::Local;
    // Correcting a file is not enough: the run follows the files that it was planned from.
    let files = (error.blame == Blame::Input && !error.hint.iter().any(names_files))
        .then(|| Advice::then("if a file of the release was corrected", NextAction::Amend { digest: None }));
    Event::Failed {
        step: step.name.clone(),
        message: error.message,
        hint: error.hint.into_iter().chain(files).collect(),
        effect: if outward { error.effect } else { Effect::None },
        blame: error.blame,
        retry: retry::after(error.persistence, failures, patience, now),
    }
}
