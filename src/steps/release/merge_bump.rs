//! `merge-bump`, last of all merges of its line before the release, and `merge-development` after it: merge a version bump.

use super::purpose::Purpose;
use super::updated_branch::is_only_updated;
use super::{bump, purpose};
use crate::github::{ChecksVerdict, PullRequest};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::{MergedPull, OpenedPull, Output};
use crate::steps::patch::remote_head::{fetch_head, public_head};
use crate::steps::patch::stacked;
use crate::steps::publish::answer;
use crate::steps::publish::by_hand;
use crate::steps::publish::merging;
use crate::steps::publish::merging::MergeReadiness;
use crate::steps::publish::public::{after_the_gate, home};
use crate::steps::publish::reviews;
use crate::steps::publish::since_merged;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let target = context.target()?;
    let Some(opened) = stacked::bump(context)? else {
        return Ok(Observed::Done(stated_already(context).await?));
    };
    let found = merging::look(context, opened, &target.branch).await?;
    if let MergeReadiness::Behind(_) | MergeReadiness::Ready(_) = found
        && let Some(observed) = came_between(context).await?
    {
        return Ok(observed);
    }
    match found {
        MergeReadiness::Merged(output) => Ok(Observed::Done(output)),
        MergeReadiness::Soon(wait) => Ok(Observed::Wait(wait)),
        MergeReadiness::Ask(question) => Ok(Observed::Ask(question)),
        MergeReadiness::Behind(_) => Ok(Observed::Todo),
        MergeReadiness::Ready(pull) if pull.head.commit == opened.head => Ok(Observed::Todo),
        MergeReadiness::Ready(pull) => updated(context, opened, &pull).await,
    }
}

/// What came to the line since its fixes were merged would be released with them. After the release, anything may come.
async fn came_between(context: &StepContext) -> Result<Option<Observed>, StepError> {
    match Purpose::of(context) {
        Purpose::Release => since_merged::before_bump(context).await,
        Purpose::Development => Ok(None),
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let target = context.target()?;
    let Some(opened) = stacked::bump(context)? else {
        return Ok(Applied::Done(stated_already(context).await?));
    };
    let permit = after_the_gate(context)?;
    let pull = match merging::as_seen(context, opened, &target.branch).await? {
        MergeReadiness::Ready(pull) if pull.head.commit == opened.head => pull,
        // Its checks are looked at again: nothing is merged that was not seen green.
        MergeReadiness::Ready(pull) => match updated(context, opened, &pull).await? {
            Observed::Todo => pull,
            Observed::Wait(wait) => return Ok(Applied::Wait(wait)),
            Observed::Ask(question) => return Ok(Applied::Ask(question)),
            Observed::Done(_) | Observed::Moved(_) | Observed::Lapsed(_) => return Err(context.only_looks()),
        },
        MergeReadiness::Merged(output) => return Ok(Applied::Done(output)),
        MergeReadiness::Soon(wait) => return Ok(Applied::Wait(wait)),
        MergeReadiness::Ask(question) => return Ok(Applied::Ask(question)),
        MergeReadiness::Behind(pull) => {
            let head = &pull.head.commit;
            context.world.github.update_branch(&opened.repo, opened.number, head, &permit).await?;
            reviews::request_again(context, &pull, &permit).await?;
            let what = format!("{} to be brought up to date with `{}`", opened.url, target.branch);
            return Ok(Applied::Wait(answer::soon(context, what)));
        }
    };
    let mut request = merging::request(context, &pull.head.commit)?;
    let body = bump::body(context)?;
    if !body.is_empty() {
        // The project's CI looks for the marker in the commits of the push, whichever way they are merged.
        request.title = Some(format!("{} (#{})", bump::title(context)?, opened.number));
        request.message = Some(body);
    }
    merging::merge(context, opened, &target.branch, &request, &permit).await
}

/// The line already had the version: its head is what is released.
async fn stated_already(context: &StepContext) -> Result<Output, StepError> {
    let target = context.target()?;
    let commit = public_head(context, &target.repo, &target.branch).await?;
    Ok(Output::Merged(MergedPull { commit, at: context.world.clock.now() }))
}

/// The branch contains its base now, as a rule required: it must still be the bump, and be green again.
async fn updated(
    context: &StepContext,
    opened: &OpenedPull,
    pull: &PullRequest,
) -> Result<Observed, StepError> {
    let repo = context.repo()?;
    let to = purpose::to(context)?;
    let head = fetch_head(context, &repo.name, home(repo), &opened.branch).await?;
    let states = match head {
        Some(head) if head == pull.head.commit => bump::version_at(context, &head).await?,
        _ => return Ok(context.wait_for(format!("GitHub to see the branch of {}", opened.url))),
    };
    let (before, now) = (opened.head.clone(), pull.head.commit.clone());
    let base = public_head(context, &repo.name, &context.target()?.branch).await?;
    let is_ours =
        in_store(context, &repo.name, move |store| Ok(is_only_updated(store, &before, &now, &base)?));
    if !is_ours.await? {
        return Ok(Observed::Ask(answer::then_resume(format!(
            "the branch of {} is at {}, and not only because its base was merged into it: somebody pushed there; nothing was \
             merged; see what it is, and {}",
            opened.url,
            pull.head.commit.short(),
            by_hand::moved_back(context, opened)
        ))));
    }
    if let Some(states) = states.filter(|states| states != to) {
        let text = format!("{} states {states} instead of {to}; nothing was merged", opened.url);
        return Ok(Observed::Ask(answer::then_resume(text)));
    }
    let checks = context.world.github.checks(&repo.name, &pull.head.commit).await?;
    let rules = context.world.github.branch_rules(&repo.name, &context.target()?.branch).await?;
    match checks.verdict(&rules.required_checks) {
        ChecksVerdict::Green => {
            let now = OpenedPull { head: pull.head.commit.clone(), ..opened.clone() };
            let approvals = reviews::lacking(context, &now, &rules).await?;
            let waiting = approvals.map(|approvals| context.wait_for(format!("{approvals}: {}", opened.url)));
            Ok(waiting.unwrap_or(Observed::Todo))
        }
        ChecksVerdict::Absent | ChecksVerdict::Waiting(_) => {
            Ok(context.wait_for(format!("the checks of {} on its updated branch", opened.url)))
        }
        ChecksVerdict::Red(_) if answer::waived(context).is_some() => Ok(Observed::Todo),
        ChecksVerdict::Red(_) => {
            let text = format!("{} is red on its updated branch; nothing was merged", opened.url);
            Ok(Observed::Ask(answer::then_resume_or_waive(context, text)))
        }
    }
}
