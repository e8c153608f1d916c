//! `merge-patch`: merge the fixes, at the proven head and onto the proven base.

use super::answer::{wait_or_waive, waive, waived, waived_at};
use super::merging;
use super::merging::MergeReadiness;
use super::public::{after_the_gate, release};
use crate::ids::CommitId;
use crate::kinds::StepKind;
use crate::next_action::Advice;
use crate::steps::context::{Applied, Observed, Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::{OpenedPull, Output};
use crate::steps::patch::remote_head::{public_head, wait_to_see};
use crate::steps::patch::stacked;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let Some(opened) = stacked::pull(context)? else {
        return Ok(Observed::Done(Output::Skipped(stacked::NOTHING.to_owned())));
    };
    let target = context.target()?;
    match merging::look(context, opened, &target.branch).await? {
        MergeReadiness::Merged(output) => Ok(Observed::Done(output)),
        MergeReadiness::Soon(wait) => Ok(Observed::Wait(wait)),
        MergeReadiness::Ask(question) => by_hand(context, question),
        // The proven branch is merged as it is: updating it from its base would make it another one.
        MergeReadiness::Ready(_) | MergeReadiness::Behind(_) => {
            let proven = stacked::merged_onto(context)?;
            let now = context.world.github.branch_head(&target.repo, &target.branch).await?;
            match now {
                Some(now) if now != *proven && waived(context).is_none() => {
                    of_another_head(context, opened, proven, &now).await
                }
                _ => Ok(Observed::Todo),
            }
        }
    }
}

/// The line is not where the fixes were proven: they were merged and the pull request does not show it yet, or something else came.
async fn of_another_head(
    context: &StepContext,
    opened: &OpenedPull,
    proven: &CommitId,
    now: &CommitId,
) -> Result<Observed, StepError> {
    let target = context.target()?;
    public_head(context, &target.repo, &target.branch).await?;
    let (stack, at) = (stacked::patch(context)?.clone(), now.clone());
    let head = opened.head.clone();
    let held = in_store(context, &target.repo, move |store| {
        if !store.has_commit(&at) {
            return Ok(None);
        }
        Ok(Some((store.is_ancestor(&head, &at)?, store.tree_of(&at)? == stack.tree)))
    })
    .await?;
    let merged = |what| {
        format!(
            "GitHub to show {} as merged: `{}` holds {what} already, at {}",
            opened.url,
            target.branch,
            now.short()
        )
    };
    Ok(match held {
        Some((true, _)) => context.wait_for(merged("its commits")),
        // Squashed or rebased, it is another commit with the proven tree; of one that somebody pushed GitHub knows nothing.
        Some((_, true)) => wait_or_waive(context, merged("what it brings")),
        None if context.may_lag() => wait_to_see(context, &target.branch, now),
        _ => Observed::Ask(merging::moved(context, &target.branch, proven, now)),
    })
}

/// A release that is out is merged into its line afterwards. Where that needs people, it holds up nothing that the world waits
/// for, once they said that they merge it by hand: when it was tried in memory, or now.
fn by_hand(context: &StepContext, mut question: Question) -> Result<Observed, StepError> {
    let target = context.target()?;
    if !target.is_merged_back() {
        return Ok(Observed::Ask(question));
    }
    let tried = context.plan.find(StepKind::PrepareMerge, context.subject());
    let before = tried.and_then(|step| waived_at(context, &step.name));
    Ok(match waived(context).or(before) {
        Some(reason) => {
            let tag = &release(context)?.tag;
            let text = format!("people still have to merge {tag} into `{}` by hand: {reason}", target.branch);
            Observed::Done(Output::Note(text))
        }
        None => {
            question.next.push(Advice::then("to merge it by hand later", waive(context)));
            Observed::Ask(question)
        }
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let Some(opened) = stacked::pull(context)? else {
        return Ok(Applied::Done(Output::Skipped(stacked::NOTHING.to_owned())));
    };
    let request = merging::request(context, &opened.head)?;
    merging::merge(context, opened, &context.target()?.branch, &request, &after_the_gate(context)?).await
}
