//! The pull requests of a branch that were opened for this release and are merged.

use crate::ids::StepName;
use crate::kinds::StepKind;
use crate::plan::{Step, Subject};
use crate::steps::facts::Facts;
use crate::steps::output::{OpenedPull, Output};

/// The steps that open a pull request, each with the one that merges it.
const PULLS: [(StepKind, StepKind); 3] = [
    (StepKind::OpenPull, StepKind::MergePatch),
    (StepKind::OpenBump, StepKind::MergeBump),
    (StepKind::OpenDevelopment, StepKind::MergeDevelopment),
];

/// The merged pull requests of a target: of its fixes, its bump, and what it states afterwards. Those that a run merged which was
/// called off before this one are among them, unless another from the same branch is.
#[must_use]
pub fn merged_pulls<'a>(facts: &'a Facts, target: &Subject) -> Vec<&'a OpenedPull> {
    let mut merged: Vec<&OpenedPull> = Vec::new();
    let before = PULLS.into_iter().filter_map(|(_, merges)| {
        let step = Step::name_of(merges, target, None)?;
        facts.merged_before.get(&step)
    });
    for pull in merges_of(facts, target).map(|(_, pull)| pull).chain(before) {
        if merged.iter().all(|known| known.branch != pull.branch) {
            merged.push(pull);
        }
    }
    merged
}

/// The pull requests of a target that this run saw merged, each with the step that did it.
pub fn merges_of<'a>(facts: &'a Facts, target: &Subject) -> impl Iterator<Item = (StepName, &'a OpenedPull)> {
    PULLS.into_iter().filter_map(|(opens, merges)| {
        let step = Step::name_of(merges, target, None)?;
        match (facts.output(opens, target), facts.outputs.get(&step)) {
            (Some(Output::Pull(pull)), Some(Output::Merged(_))) => Some((step, pull)),
            _ => None,
        }
    })
}
