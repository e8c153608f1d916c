//! `publish-branch`: push the stacked fixes to a public branch.

use super::answer::then_resume;
use super::public::{after_the_gate, home, patch_branch};
use crate::by_hand;
use crate::git::RefUpdate;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::{Output, PushedRef};
use crate::steps::patch::{new_line, stacked};

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    if stacked::brings_nothing(context)? {
        return Ok(Observed::Done(Output::Skipped(stacked::NOTHING.to_owned())));
    }
    let home = home(context.repo()?);
    let branch = patch_branch(context, context.target()?)?;
    let full = branch.full();
    match context.sight.see(&context.world.transport, home, &full).await? {
        None => Ok(Observed::Todo),
        Some(commit) if commit == *stacked::published(context)? => Ok(Observed::Done(pushed(context)?)),
        // What this release published before it was amended or started again, and makes otherwise now, is ours to replace.
        Some(commit) if context.facts.pushed_before.contains(&commit) => Ok(Observed::Todo),
        Some(commit) => Ok(Observed::Ask(then_resume(format!(
            "`{home}` has a branch `{branch}` at {}, which is not the proven stack {}; nothing was pushed; rename \
             that branch, or delete it: `{}`",
            commit.short(),
            stacked::published(context)?.short(),
            by_hand::delete_branch(home, &branch)
        )))),
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let repo = context.repo()?;
    let branch = patch_branch(context, context.target()?)?;
    let (name, new) = (branch.full(), stacked::published(context)?.clone());
    let update = match context.sight.seen(&context.world.transport, home(repo), &name).await? {
        // What came after the look is not replaced: the push is refused, and the next look asks.
        None => RefUpdate::Create { name, new },
        Some(old) => RefUpdate::Replace { name, old, new },
    };
    let permit = after_the_gate(context)?;
    new_line::begin(context, &repo.name, &permit).await?;
    context.world.transport.push(&context.folder.store(&repo.name), home(repo), &[update], &permit).await?;
    Ok(Applied::Done(pushed(context)?))
}

fn pushed(context: &StepContext) -> Result<Output, StepError> {
    Ok(Output::Ref(PushedRef {
        repo: home(context.repo()?).clone(),
        branch: patch_branch(context, context.target()?)?,
        commit: stacked::published(context)?.clone(),
    }))
}
