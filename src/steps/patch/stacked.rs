//! What the private part of the run left for a target: its stack, and the pull request made of it.

use crate::ids::CommitId;
use crate::kinds::StepKind;
use crate::plan::Target;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::facts::Facts;
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
    published_of(&context.facts, context.target()?)
}

fn published_of<'a>(facts: &'a Facts, target: &Target) -> Result<&'a CommitId, StepError> {
    let subject = target.subject();
    let stack = &facts.patch(StepKind::Stack, &subject)?.head;
    if !target.is_merged_back() {
        return Ok(stack);
    }
    Ok(facts.bump(StepKind::PrepareBump, &subject).map_or(stack, |bump| &bump.commit))
}

/// The head of the branch that the stack was proven for: the public one, or what merging its bump before it made.
pub(in crate::steps) fn merged_onto(context: &StepContext) -> Result<&CommitId, StepError> {
    let target = context.target()?;
    if !target.bump_first {
        return Ok(context.facts.head(target));
    }
    Ok(&context.facts.merged(StepKind::MergeBump, &context.target_subject())?.commit)
}

/// Whether nothing becomes public of the step's target.
pub(in crate::steps) fn brings_nothing(context: &StepContext) -> Result<bool, StepError> {
    holds_nothing(&context.facts, context.target()?)
}

/// Whether a target's stack holds nothing that its branch has not.
pub(in crate::steps) fn holds_nothing(facts: &Facts, target: &Target) -> Result<bool, StepError> {
    Ok(*published_of(facts, target)? == facts.patch(StepKind::Stack, &target.subject())?.base)
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
