//! `open-private-pull`: open the pull request of a backport on the private side, where its reviewers are.

use super::assess::fix_commits;
use super::error::StepError;
use super::local::in_store;
use super::output::{OpenedPull, Output, Patch, PushedRef};
use super::review;
use super::site::{Made, Seen, Site};
use crate::egress::Permit;
use crate::git::Comparison;
use crate::github::{Class, NewPull, Pull, PullCreation, PullState};
use crate::plan::StepKind;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let Some(pushed) = pushed(site) else {
        return Ok(Seen::Done(Output::Skipped("nothing was pushed for it".to_owned())));
    };
    let branch = &site.target()?.branch;
    let found = site.world.github.find_pull(&pushed.repo, &pushed.repo, &pushed.branch, branch).await?;
    Ok(match found {
        Some(pull) if pull.state == PullState::Open => Seen::Done(output(pushed, &pull)),
        _ => Seen::Todo,
    })
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let pushed = pushed(site).ok_or_else(|| site.only_looks())?;
    let advisory = site.advisory()?;
    let target = site.target()?;
    let patch = site.facts.patch(StepKind::Backport, site.subject())?;
    let comparison = if patch.review.is_empty() { None } else { Some(compared(site, patch).await?) };
    let new = NewPull {
        head_repo: pushed.repo.clone(),
        head: pushed.branch.clone(),
        base: target.branch.clone(),
        title: format!("[{}] {}", target.branch, advisory.summary),
        body: body(advisory.id.as_str(), patch, comparison.as_ref()),
    };
    match site.world.github.create_pull(&pushed.repo, &new, &Permit::Private).await {
        Ok(PullCreation::Created(pull) | PullCreation::AlreadyExists(pull)) => {
            Ok(Made::Done(output(pushed, &pull)))
        }
        Ok(PullCreation::NothingBetween) => {
            Ok(Made::Done(Output::Skipped("the private side's branch has all of it".to_owned())))
        }
        // GitHub sees a pushed branch a moment later.
        Err(error) if matches!(error.class, Class::PullRefInvalid { .. }) => {
            Ok(site.look_again("GitHub to see the pushed branch"))
        }
        Err(error) => Err(error.into()),
    }
}

fn pushed(site: &Site) -> Option<&PushedRef> {
    site.facts.pushed(StepKind::PushPrivate, site.subject()).ok()
}

/// Whatever was not a plain clean pick is shown beside the fix.
async fn compared(site: &Site, patch: &Patch) -> Result<Comparison, StepError> {
    let (fix, base, tree) = (fix_commits(site)?, patch.base.clone(), patch.tree.clone());
    let repo = &site.repo()?.name;
    in_store(site, repo, move |store| Ok(store.compare_with_fix(&fix, &store.tree_of(&base)?, &tree)?)).await
}

fn body(advisory: &str, patch: &Patch, comparison: Option<&Comparison>) -> String {
    let mut text = format!("Backport for {advisory}.\n\nCommits:\n");
    for commit in &patch.commits {
        text.push_str(&format!("- {} {}\n", commit.commit, commit.subject));
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

fn output(pushed: &PushedRef, pull: &Pull) -> Output {
    Output::Pull(OpenedPull {
        repo: pushed.repo.clone(),
        number: pull.number,
        url: pull.url.clone(),
        branch: pushed.branch.clone(),
        head: pushed.commit.clone(),
    })
}
