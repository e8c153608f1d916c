//! The pull requests of a branch that were opened for this release and are merged.

use crate::kinds::StepKind;
use crate::plan::Subject;
use crate::steps::facts::Facts;
use crate::steps::output::{OpenedPull, Output};

/// The steps that open a pull request, each with the one that merges it.
const PULLS: [(StepKind, StepKind); 3] = [
    (StepKind::OpenPull, StepKind::MergePatch),
    (StepKind::OpenBump, StepKind::MergeBump),
    (StepKind::OpenDevelopment, StepKind::MergeDevelopment),
];

/// The merged pull requests of a target: of its fixes, its bump, and what it states afterwards.
#[must_use]
pub fn merged_pulls<'a>(facts: &'a Facts, target: &Subject) -> Vec<&'a OpenedPull> {
    let merged = PULLS.into_iter().filter_map(|(opens, merges)| {
        match (facts.output(opens, target), facts.output(merges, target)) {
            (Some(Output::Pull(pull)), Some(Output::Merged(_))) => Some(pull),
            _ => None,
        }
    });
    merged.collect()
}
