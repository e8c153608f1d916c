//! `open-private-pull`: open the pull request of a backport on the private side, where its reviewers are.

use super::assess::fix_commits;
use super::review;
use crate::backport::PickComparison;
use crate::egress::Permit;
use crate::github::{NewPullRequest, PullCreation, PullRequest};
use crate::ids::GhsaId;
use crate::kinds::StepKind;
use crate::steps::advisory::private_side::check_private;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::{OpenedPull, Output, Patch, PushedRef};
use crate::steps::publish::answer::{not_seen_yet, wait_or_ask};

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let Some(pushed) = pushed(context) else {
        return Ok(Observed::Done(Output::Skipped("nothing was pushed for it".to_owned())));
    };
    let branch = &context.target()?.branch;
    let open = context.world.github.open_private_pull(&pushed.repo, &pushed.branch, branch).await?;
    Ok(open.map_or(Observed::Todo, |pull| Observed::Done(output(pushed, &pull))))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let pushed = pushed(context).ok_or_else(|| context.only_looks())?;
    let advisory = context.advisory()?;
    let target = context.target()?;
    let patch = context.facts.patch(StepKind::Backport, context.subject())?;
    let comparison = if patch.review.is_empty() { None } else { Some(compared(context, patch).await?) };
    let new = NewPullRequest {
        head_repo: pushed.repo.clone(),
        head: pushed.branch.clone(),
        base: target.branch.clone(),
        title: format!("[{}] {}", target.branch, advisory.summary),
        body: body(&advisory.id, patch, comparison.as_ref()),
    };
    check_private(context, &pushed.repo).await?;
    match context.world.github.create_pull(&pushed.repo, &new, &Permit::Private).await {
        Ok(PullCreation::Created(pull) | PullCreation::AlreadyExists(pull)) => {
            Ok(Applied::Done(output(pushed, &pull)))
        }
        // What was pushed has commits; GitHub sees them a moment later.
        Ok(PullCreation::NothingBetween) => Ok(wait_or_ask(
            context,
            format!("GitHub to see the commits of `{}` in {}", pushed.branch, pushed.repo),
        )),
        Err(error) => not_seen_yet(context, error, &new.head),
    }
}

fn pushed(context: &StepContext) -> Option<&PushedRef> {
    context.facts.pushed(StepKind::PushPrivate, context.subject()).ok()
}

/// Whatever was not a plain clean pick is shown beside the fix.
async fn compared(context: &StepContext, patch: &Patch) -> Result<PickComparison, StepError> {
    let (fix, base, tree) = (fix_commits(context)?, patch.base.clone(), patch.tree.clone());
    let repo = &context.repo()?.name;
    in_store(context, repo, move |store| Ok(store.compare_with_fix(&fix, &store.tree_of(&base)?, &tree)?))
        .await
}

fn body(advisory: &GhsaId, patch: &Patch, comparison: Option<&PickComparison>) -> String {
    let mut text = format!("Backport for {advisory}.\n\nCommits:\n");
    let mut also: Vec<&GhsaId> = Vec::new();
    for commit in &patch.commits {
        let other = commit.advisory.as_ref().filter(|other| *other != advisory);
        let of = other.map(|other| format!(" (of {other})")).unwrap_or_default();
        text.push_str(&format!("- {} {}{of}\n", commit.commit, commit.subject));
        also.extend(other.filter(|other| !also.contains(other)));
    }
    if !also.is_empty() {
        let names: Vec<&str> = also.into_iter().map(GhsaId::as_str).collect();
        text.push_str(&format!(
            "\nIt also holds what it needs of {}: the fix was written on top of that, or shares commits with it.\n",
            names.join(" and ")
        ));
    }
    if !patch.review.is_empty() {
        text.push_str("\n**Needs review**, since it was not a plain clean pick:\n");
        for reason in &patch.review {
            text.push_str(&format!("- {reason}\n"));
        }
        text.push_str(&comparison.map(review::as_markdown).unwrap_or_default());
    }
    text.push_str(
        "\nDo not merge this pull request: it is carried to the public repository on release day.\n",
    );
    text
}

fn output(pushed: &PushedRef, pull: &PullRequest) -> Output {
    Output::Pull(OpenedPull {
        repo: pushed.repo.clone(),
        number: pull.number,
        url: pull.url.clone(),
        branch: pushed.branch.clone(),
        head: pushed.commit.clone(),
    })
}
