//! What a release that is called off has done, and how each of it is undone.

use serde::Serialize;

use crate::ids::StepName;
use crate::kinds::{StepKind, Undo, Visibility};
use crate::plan::{Plan, Step};
use crate::run::{Completion, Event, StampedEvent, State};
use crate::steps::{Begun, Output};

/// What was done outside of this machine.
#[derive(Debug, Serialize)]
pub struct Account {
    /// Steps that were begun and not finished: what they do may be there or not.
    pub uncertain: Vec<StepName>,
    /// What was done, in the order in which it is undone: what everybody sees first, and within that the latest first.
    pub effects: Vec<LastingEffect>,
}

/// Something that Lockgate did outside of this machine.
#[derive(Debug, Serialize)]
pub struct LastingEffect {
    /// The step.
    pub step: StepName,
    /// What it did.
    pub what: String,
    /// Who can see it.
    pub visibility: Visibility,
    /// What it takes to undo it.
    #[serde(skip)]
    pub undo: Undo,
    /// What it left.
    #[serde(skip)]
    pub output: Output,
}

impl Account {
    /// The account of a run.
    #[must_use]
    pub fn of(plan: &Plan, state: &State, events: &[StampedEvent]) -> Account {
        let mut effects: Vec<LastingEffect> =
            events.iter().rev().filter_map(|stamped| effect(plan, &stamped.record)).collect();
        let taken_back = |step: &StepName| {
            let mut events = events.iter().map(|stamped| &stamped.record);
            events.any(|event| matches!(event, Event::TakenBack { step: taken, .. } if taken == step))
        };
        effects.retain(|effect| !taken_back(&effect.step));
        effects.sort_by_key(|effect| match effect.visibility {
            Visibility::Public => 0,
            Visibility::Guarded => 1,
            Visibility::Private => 2,
            Visibility::Local => 3,
        });
        let uncertain = plan.steps().filter(|step| is_uncertain(state, step)).map(|step| step.name.clone());
        Account { uncertain: uncertain.collect(), effects }
    }
}

fn is_uncertain(state: &State, step: &Step) -> bool {
    state.begun(&step.name) == Begun::Yes && step.kind.visibility() != Visibility::Local
}

/// The kind of step by which Lockgate itself did something outside of this machine; what it found was somebody else's.
fn lasting(plan: &Plan, event: &Event) -> Option<StepKind> {
    let Event::Done { step, how: Completion::Acted, output } = event else { return None };
    // What an amendment dropped is not in the plan any more, and what it did is still there.
    let kind = plan.step(step).map(|step| step.kind).or_else(|| StepKind::of_step(step.as_str()))?;
    let is_outside = kind.visibility() != Visibility::Local && !matches!(output, Output::Skipped(_));
    is_outside.then_some(kind)
}

/// The steps of which everybody can see what they did: those of this run, once for each time that it was done, and those of runs
/// that were called off before it.
#[must_use]
pub fn public_steps(plan: &Plan, events: &[StampedEvent]) -> Vec<(StepName, StepKind)> {
    let kind_of = |step: &StepName| Some((step.clone(), StepKind::of_step(step.as_str())?));
    let done = |event: &Event| -> Vec<(StepName, StepKind)> {
        match event {
            Event::Inherited(left) => left.public.iter().filter_map(kind_of).collect(),
            Event::Done { step, .. } => {
                lasting(plan, event).map(|kind| (step.clone(), kind)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    };
    let steps = events.iter().flat_map(|stamped| done(&stamped.record));
    steps.filter(|(_, kind)| matches!(kind.visibility(), Visibility::Public | Visibility::Guarded)).collect()
}

fn effect(plan: &Plan, event: &Event) -> Option<LastingEffect> {
    let Event::Done { step, output, .. } = event else { return None };
    let kind = lasting(plan, event)?;
    Some(LastingEffect {
        step: step.clone(),
        what: output.summary(),
        visibility: kind.visibility(),
        undo: kind.undo(),
        output: output.clone(),
    })
}
