//! How a plan differs from an earlier one of the same release, step by step.

use super::basis;
use super::graph::Plan;
use super::step::Step;
use crate::ids::StepName;
use crate::kinds::Basis;

/// What a later plan does otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepDifference {
    /// The step.
    pub step: Step,
    /// How it differs.
    pub change: StepChange,
}

/// How a step differs between two plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepChange {
    /// It is new.
    Added,
    /// It is not there any more.
    Removed,
    /// It is in both, and rests on something else.
    Changed(Vec<Basis>),
}

/// Every step that differs: what is removed first, then the rest in the order of the later plan.
#[must_use]
pub fn differences(before: &Plan, after: &Plan) -> Vec<StepDifference> {
    let removed = before
        .steps()
        .filter(|step| after.step(&step.name).is_none())
        .map(|step| StepDifference { step: step.clone(), change: StepChange::Removed });
    let others = after.steps().filter_map(|step| {
        let change = change_of(before, after, &step.name, step)?;
        Some(StepDifference { step: step.clone(), change })
    });
    removed.chain(others).collect()
}

fn change_of(before: &Plan, after: &Plan, name: &StepName, step: &Step) -> Option<StepChange> {
    let Some(earlier) = before.step(name) else { return Some(StepChange::Added) };
    let is_other = |of: &Basis| basis::value(before, earlier, *of) != basis::value(after, step, *of);
    let others: Vec<Basis> = step.kind.rests_on().iter().copied().filter(is_other).collect();
    (!others.is_empty()).then_some(StepChange::Changed(others))
}
