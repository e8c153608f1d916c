//! What a workflow lists, against what its steps need: a recipe is free, but for what makes its steps work and keeps them safe.

use super::check::Fault;
use super::expansion::{is_taken, listed_kinds};
use super::graph::Plan;
use crate::kinds::StepKind;

/// The steps that need one before them, or one after them, which the workflow does not list there.
pub(super) fn faults(plan: &Plan) -> Vec<Fault> {
    let listed = listed_kinds(&plan.inputs, &plan.targets);
    let mut faults = Vec::new();
    for (position, (kind, _)) in listed.iter().enumerate().filter(|(_, (_, is_taken))| *is_taken) {
        let (before, after) = (&listed[..position], &listed[position + 1..]);
        let lacking = |others: &[(StepKind, bool)], wanted: &StepKind| {
            let is_there = others.iter().any(|(other, _)| other == wanted);
            !is_there && is_taken(&plan.inputs, &plan.targets, *wanted)
        };
        let needed = kind.needs().iter().filter(|wanted| lacking(before, wanted));
        faults.extend(needed.map(|lacks| Fault::Lacks { kind: *kind, lacks: *lacks, side: "before" }));
        let later = kind.leads_to().iter().filter(|wanted| lacking(after, wanted));
        faults.extend(later.map(|lacks| Fault::Lacks { kind: *kind, lacks: *lacks, side: "behind" }));
    }
    faults
}
