//! What came to a line after its fixes were merged: between that merge and the release, nobody else looks. What is released is the
//! merged tree that was compared with the proven one, and the version bump; anything else no suite has seen.

use std::collections::BTreeSet;

use super::answer::{then_resume, then_resume_or_waive, waived, waived_at};
use super::compare_tree::{is_as_before, named, unfixed};
use crate::git::{MergedHistories, Store};
use crate::ids::{CommitId, TreeId};
use crate::kinds::StepKind;
use crate::steps::context::{Observed, Question, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::{OpenedPull, Output};
use crate::steps::patch::remote_head::{public_head_with, wait_to_see};
use crate::steps::patch::stacked;

/// A question about the head of the line, or a wait for git to show it, before the bump is merged into it.
pub(in crate::steps) async fn before_bump(context: &StepContext) -> Result<Option<Observed>, StepError> {
    let target = context.target()?;
    let Some(merged) = merged(context)? else { return Ok(None) };
    let Some(head) = public_head_with(context, &target.repo, &target.branch, &merged).await? else {
        return Ok(Some(wait_to_see(context, &target.branch, &merged)));
    };
    Ok(ask(context, &merged, &head, None, "the bump was not merged").await?.map(Observed::Ask))
}

/// A question about the commit that is to be released, or a wait for git to show it.
pub(in crate::steps) async fn before_release(
    context: &StepContext,
    released: &CommitId,
) -> Result<Option<Observed>, StepError> {
    let Some(merged) = merged(context)? else { return Ok(None) };
    let target = context.target()?;
    // It is brought into the store with the branch.
    if public_head_with(context, &target.repo, &target.branch, released).await?.is_none() {
        return Ok(Some(wait_to_see(context, &target.branch, released)));
    }
    let bump = context.facts.pull(StepKind::OpenBump, &context.target_subject()).ok().cloned();
    let question = ask(context, &merged, released, bump, "nothing was tagged or started").await?;
    Ok(question.map(Observed::Ask))
}

/// The merge of the fixes that was compared with what was proven; `None` where the line is not released from what was
/// merged there, or nothing was merged.
fn merged(context: &StepContext) -> Result<Option<CommitId>, StepError> {
    let target = context.target()?;
    if target.is_merged_back() || target.bump_first {
        return Ok(None);
    }
    Ok(match context.facts.output(StepKind::MergePatch, &context.target_subject()) {
        Some(Output::Merged(merge)) => Some(merge.commit.clone()),
        _ => None,
    })
}

async fn ask(
    context: &StepContext,
    merged: &CommitId,
    at: &CommitId,
    bump: Option<OpenedPull>,
    safe: &str,
) -> Result<Option<Question>, StepError> {
    if merged == at {
        return Ok(None);
    }
    let (from, to, stack) = (merged.clone(), at.clone(), stacked::patch(context)?.clone());
    let (lost, others) = in_store(context, &context.target()?.repo, move |store| {
        // One that went into another branch by mistake is not here; people merged what was proven.
        let from = if store.has_commit(&from) { from } else { stack.head.clone() };
        let now = store.tree_of(&to)?;
        let known = known(store, &from, bump.as_ref())?;
        // What is as it was proven was seen by the suites, even where it came after the merge.
        let unproven: BTreeSet<String> = store.changed_paths(&stack.tree, &now)?.into_iter().collect();
        let others = store.changed_paths(&known, &now)?.into_iter();
        let lost = unfixed(store, &stack, &now)?;
        Ok((lost, others.filter(|path| unproven.contains(path)).collect::<Vec<_>>()))
    })
    .await?;
    if !lost.is_empty() {
        return Ok(Some(lacks(context, at, &lost, safe)?));
    }
    if others.is_empty() || is_accepted(context) {
        return Ok(None);
    }
    let text = format!(
        "something else came to {} after its fixes were merged as {}: at {} it differs from that in {}, which no suite \
         has seen; {safe}; look at it, run the suites on {} and waive this step, or take it out of the branch",
        context.target()?.label(),
        merged.short(),
        at.short(),
        named(&others),
        at.short()
    );
    Ok(Some(then_resume_or_waive(context, text)))
}

/// What the line holds of which everything was seen: what was merged and compared, and what the bump changes, to the byte. A bump
/// that conflicts with what was merged was resolved by people, and what they made of it is theirs to accept.
fn known(store: &Store, merged: &CommitId, bump: Option<&OpenedPull>) -> Result<TreeId, StepError> {
    let with_bump = match bump.filter(|bump| store.has_commit(&bump.head)) {
        Some(bump) => store.merge_histories(merged, &bump.head)?,
        None => return Ok(store.tree_of(merged)?),
    };
    Ok(match with_bump {
        MergedHistories::Clean(tree) => tree,
        MergedHistories::Conflict(_) => store.tree_of(merged)?,
    })
}

/// Whether people take what came: here, or when the bump was merged onto it.
fn is_accepted(context: &StepContext) -> bool {
    let bump = context.plan.find(StepKind::MergeBump, &context.target_subject());
    waived(context).is_some() || bump.is_some_and(|step| waived_at(context, &step.name).is_some())
}

/// Not to be waived: an unfixed version would be announced as the patched one.
fn lacks(context: &StepContext, at: &CommitId, lost: &[String], safe: &str) -> Result<Question, StepError> {
    Ok(then_resume(format!(
        "{} lacks the fix again: at {} {} as before it, though it was merged; {safe}, and nothing may be released from \
         it: bring the fix back to the branch; its proven commits end at {}",
        context.target()?.label(),
        at.short(),
        is_as_before(lost),
        stacked::published(context)?
    )))
}
