//! What becomes of a step that an amendment touches.

use super::refused::Obstacle;
use crate::ids::Login;
use crate::kinds::{Basis, StepKind, Undo, Visibility};
use crate::plan::{Step, StepChange, StepDifference};
use crate::run::State;
use crate::steps::{Begun, Decision, Output};

/// A step that an amendment touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmendedStep {
    /// The step.
    pub step: Step,
    /// How it differs.
    pub change: StepChange,
    /// What becomes of it.
    pub fate: Fate,
    /// What becomes of what people answered about it, if they did.
    pub answer: Option<GivenAnswer>,
}

/// What people answered about a step that is taken anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenAnswer {
    /// Whose answer it is.
    pub by: Login,
    /// Whether it counts on.
    pub counts: bool,
}

/// Whether the step is taken as the plan has it now. A gate asks again only where what it shows is another.
pub(super) fn is_open(step: &Step, fate: &Fate) -> bool {
    matches!(fate, Fate::Ahead | Fate::Again) && step.kind != StepKind::Gate
}

/// What becomes of an answer to a step that changed in this.
pub(super) fn answer(state: &State, step: &Step, change: &StepChange, fate: &Fate) -> Option<GivenAnswer> {
    let StepChange::Changed(of) = change else { return None };
    let decision = state.facts.decisions.get(&step.name).filter(|_| is_open(step, fate))?;
    let by = state.facts.decided_by.get(&step.name)?.clone();
    // What is resolved is a conflict of commits. What is written beside them, and how it is tried, touches no line of that.
    let is_beside = |basis: &Basis| {
        matches!(basis, Basis::Notes | Basis::Commits | Basis::Tests | Basis::Publishing | Basis::After)
    };
    Some(GivenAnswer {
        by,
        counts: matches!(decision, Decision::Resolved { .. }) && of.iter().all(is_beside),
    })
}

/// What becomes of a step that an amendment touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It has left nothing yet: it is taken as the plan has it now, or not at all.
    Ahead,
    /// It is done, and is looked at and taken again.
    Again,
    /// It is done and stays as it is.
    Stays {
        /// What is left to do about it.
        left: &'static str,
    },
    /// It is dropped, and what it did stays.
    Left {
        /// What it did.
        what: String,
        /// How that is undone, or that it cannot be.
        undo: &'static str,
    },
}

/// What becomes of a step, or why the amendment cannot be.
pub(super) fn fate(state: &State, difference: &StepDifference) -> Result<Fate, Obstacle> {
    let step = &difference.step;
    match (&difference.change, done_by(state, step)) {
        (StepChange::Removed, None) if may_have_acted(state, step) => {
            Err(Obstacle::Uncertain { step: step.name.clone() })
        }
        (_, None) => Ok(Fate::Ahead),
        (StepChange::Changed(of), Some(_)) => changed(step, of),
        (_, Some(output)) => dropped(step, output),
    }
}

/// What the step did, if it did something.
fn done_by<'a>(state: &'a State, step: &Step) -> Option<&'a Output> {
    let output = state.facts.outputs.get(&step.name).filter(|_| state.is_done(&step.name));
    output.filter(|output| !matches!(output, Output::Skipped(_)))
}

fn may_have_acted(state: &State, step: &Step) -> bool {
    step.kind.visibility() != Visibility::Local && state.begun(&step.name) == Begun::Yes
}

fn changed(step: &Step, of: &[Basis]) -> Result<Fate, Obstacle> {
    match (step.kind, step.kind.undo()) {
        (StepKind::Gate, _) => {
            Ok(Fate::Stays { left: "it was passed; it is asked again only if what it shows is another" })
        }
        (_, Undo::Impossible(left)) if step.kind.visibility() == Visibility::Public => {
            Err(Obstacle::Changed { step: step.name.clone(), of: of.to_vec(), left })
        }
        (_, Undo::Impossible(left)) => Ok(Fate::Stays { left }),
        _ => Ok(Fate::Again),
    }
}

fn dropped(step: &Step, output: &Output) -> Result<Fate, Obstacle> {
    match step.kind.undo() {
        Undo::Nothing => Ok(Fate::Ahead),
        Undo::Impossible(left) if step.kind.visibility() == Visibility::Public => {
            Err(Obstacle::Dropped { step: step.name.clone(), left })
        }
        Undo::Possible(undo) | Undo::Impossible(undo) => Ok(Fate::Left { what: output.summary(), undo }),
    }
}

/// Whether something of the release can be seen by everybody.
pub(super) fn is_public<'a>(state: &State, mut steps: impl Iterator<Item = &'a Step>) -> bool {
    steps.any(|step| step.kind.visibility() == Visibility::Public && done_by(state, step).is_some())
}
