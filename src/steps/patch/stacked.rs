//! What the private part of the run left for a target: its stack, and the pull request made of it.

use crate::ids::CommitId;
use crate::kinds::StepKind;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::output::{OpenedPull, Output, Patch};
use crate::steps::release::purpose::Purpose;

/// Why a public step of a target has nothing to do.
pub(in crate::steps) const NOTHING: &str = "the branch has every fix already";

/// The stack of the step's target, as it was proven.
pub(in crate::steps) fn patch(context: &StepContext) -> Result<&Patch, StepError> {
    context.facts.patch(StepKind::Stack, &context.target_subject())
}

/// What becomes public of the step's target: the stack, and on it the bump of a release that is made beside its line.
pub(in crate::steps) fn published(context: &StepContext) -> Result<&CommitId, StepError> {
    let stack = &patch(context)?.head;
    if !context.target()?.is_merged_back() {
        return Ok(stack);
    }
    Ok(context
        .facts
        .bump(StepKind::PrepareBump, &context.target_subject())
        .map_or(stack, |bump| &bump.commit))
}

/// The head of the branch that the stack was proven for: the public one, or what merging its bump before it made.
pub(in crate::steps) fn merged_onto(context: &StepContext) -> Result<&CommitId, StepError> {
    let target = context.target()?;
    if !target.bump_first {
        return Ok(context.facts.head(target));
    }
    Ok(&context.facts.merged(StepKind::MergeBump, &context.target_subject())?.commit)
}

/// Whether anything becomes public of the step's target.
pub(in crate::steps) fn brings_nothing(context: &StepContext) -> Result<bool, StepError> {
    Ok(*published(context)? == patch(context)?.base)
}

/// The public pull request of the step's target; `None` where there was nothing to bring.
pub(in crate::steps) fn pull(context: &StepContext) -> Result<Option<&OpenedPull>, StepError> {
    opened(context, StepKind::OpenPull)
}

/// The bump's pull request of the step's target; `None` where the line stated the version already.
pub(in crate::steps) fn bump(context: &StepContext) -> Result<Option<&OpenedPull>, StepError> {
    opened(context, Purpose::of(context).opens())
}

fn opened(context: &StepContext, kind: StepKind) -> Result<Option<&OpenedPull>, StepError> {
    let subject = context.target_subject();
    match context.facts.output(kind, &subject) {
        Some(Output::Skipped(_)) => Ok(None),
        _ => context.facts.pull(kind, &subject).map(Some),
    }
}
