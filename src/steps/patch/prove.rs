//! `prove`: run the target's test suites on the stacked tree, in a clean checkout; what they say is evidence for
//! that tree.

use crate::jobs::Evidence;
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Observed, Question, QuestionKind, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::output::Output;
use crate::steps::publish::answer::waive;
use crate::steps::release::checkout::Checkout;

pub(in crate::steps) async fn observe(_site: &StepContext) -> Result<Observed, StepError> {
    // A suite that failed may have been mended: every attempt runs it again.
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let target = context.target()?;
    let tree = context.facts.patch(StepKind::Stack, context.subject())?.tree.clone();
    let checkout = Checkout::of(context, &target.repo, tree.clone()).await?;
    let now = context.world.clock.now();
    let (commands, label) = (&context.repo()?.tests, context.step.name.as_str());
    let evidence = context.world.runner.prove(tree, now, &checkout.folder(), commands, label).await;
    Ok(judge(context, Evidence { absent: checkout.absent, ..evidence }))
}

fn judge(context: &StepContext, evidence: Evidence) -> Applied {
    let waived = matches!(context.facts.decisions.get(&context.step.name), Some(Decision::Waived { .. }));
    if evidence.green() || waived {
        return Applied::Done(Output::Evidence(evidence));
    }
    Applied::Ask(Question {
        kind: QuestionKind::Decision,
        text: format!(
            "{}: {evidence}\nThe gate `ready` stays closed for this target.",
            context.target_subject()
        ),
        next: vec![
            Advice::then("fix what fails; to run the suites again", NextAction::Resume),
            Advice::then("if it is not the fix that fails", waive(context)),
        ],
    })
}
