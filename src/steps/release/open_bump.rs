//! `open-bump` and `open-development`: open the version-bump pull request. It carries no word and no line of the fixes.

use super::bump;
use super::bump::Bump;
use super::purpose;
use super::purpose::Purpose;
use crate::by_hand;
use crate::egress::{Permit, PublicText};
use crate::git::RefUpdate;
use crate::github::{NewPullRequest, PullCreation, PullRequest, PullState};
use crate::ids::{BranchName, CommitId};
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::steps::output::{OpenedPull, Output};
use crate::steps::patch::new_line;
use crate::steps::patch::remote_head::{fetch_head, public_head};
use crate::steps::publish::answer::{decision, not_seen_yet, then_resume, wait_or_ask};
use crate::steps::publish::public::{Guarded, guarded, home};
use crate::steps::publish::reviews;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let (repo, target) = (context.repo()?, context.target()?);
    let branch = purpose::branch(context)?;
    let found = context.world.github.find_pull(&repo.name, home(repo), &branch, &target.branch).await?;
    let Some(pull) = found else { return without_a_pull(context).await };
    if pull.state == PullState::Closed {
        // GitHub reopens none whose branch was deleted meanwhile, so that another one is opened.
        if context.facts.opened_before(&repo.name, pull.number) || is_gone(context, &branch).await? {
            return without_a_pull(context).await;
        }
        let text = format!(
            "{} was closed without merging; reopen it: `{}`, or open another one from `{branch}` into `{}`",
            pull.url,
            by_hand::reopen(&repo.name, pull.number),
            target.branch
        );
        return Ok(Observed::Ask(then_resume(text)));
    }
    if pull.state == PullState::Open && standing_bump(context).await?.is_none() {
        let text = format!(
            "{} is open, but its branch does not state version {}; it was not made by this release",
            pull.url,
            purpose::to(context)?
        );
        return Ok(Observed::Ask(then_resume(text)));
    }
    if reviews::are_unasked(context, &pull).await? {
        return Ok(Observed::Todo);
    }
    Ok(Observed::Done(opened(context, pull)?))
}

/// Without a pull request the line is as the plan saw it, or somebody has raised its version already, or the fixes do.
async fn without_a_pull(context: &StepContext) -> Result<Observed, StepError> {
    let prepared = context.facts.output(Purpose::of(context).prepares(), &context.target_subject());
    if let Some(Output::Skipped(why)) = prepared {
        return Ok(Observed::Done(Output::Skipped(why.clone())));
    }
    let (target, from, to) = (context.target()?, purpose::from(context)?, purpose::to(context)?);
    let head = public_head(context, &target.repo, &target.branch).await?;
    let stated = bump::version_at(context, &head).await?;
    if let Some(why) = bump::needless(context, &head, stated.as_ref()).await? {
        return Ok(Observed::Done(Output::Skipped(why)));
    }
    // Without a version in a file, the bump brings what the line carries, or what a release alone states.
    let Some(stated) = stated else { return Ok(Observed::Todo) };
    if stated != *from && stated != *to {
        let text = format!(
            "{} states {stated}; it was to go from {from} to {to}; nothing was changed",
            target.label()
        );
        return Ok(Observed::Ask(decision(
            text,
            [
                Advice::then("put the version right, then", NextAction::Resume),
                Advice::then(
                    "say in the files which version is released, then",
                    NextAction::Amend { digest: None },
                ),
            ],
        )));
    }
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let (repo, target) = (context.repo()?, context.target()?);
    let (title, body) = (bump::title(context)?, bump::body(context)?);
    let branch = purpose::branch(context)?;
    let pushed = standing_bump(context).await?;
    let new = match &pushed {
        Some(_) => None,
        None => {
            let head = public_head(context, &target.repo, &target.branch).await?;
            Some(on_head(context, &head).await?)
        }
    };
    let added = new.as_ref().map(|bump| bump.added.join("\n")).unwrap_or_default();
    let seen = new.as_ref().map(|bump| bump.seen.as_str()).unwrap_or_default();
    let texts = [
        PublicText { part: "message and people of the commit", text: seen },
        PublicText { part: "branch", text: branch.as_str() },
        PublicText { part: "title", text: &title },
        PublicText { part: "body", text: &body },
        PublicText { part: "lines that it adds", text: &added },
    ];
    let permit = match guarded(context, &format!("version bump of {}", target.label()), &texts).await? {
        Guarded::Free(permit) => permit,
        Guarded::Stopped(question) => return Ok(Applied::Ask(question)),
    };
    if let Some(bump) = &new {
        push(context, bump, &permit).await?;
    }
    let wanted = NewPullRequest {
        head_repo: home(repo).clone(),
        head: branch,
        base: target.branch.clone(),
        title,
        body,
    };
    match context.world.github.create_pull(&repo.name, &wanted, &permit).await {
        Ok(PullCreation::Created(pull) | PullCreation::AlreadyExists(pull)) => {
            reviews::request(context, &pull, &permit).await?;
            Ok(Applied::Done(opened(context, pull)?))
        }
        // The bump is a commit of its own, so there is always something: GitHub has not seen it yet.
        Ok(PullCreation::NothingBetween) => Ok(wait_or_ask(
            context,
            format!(
                "GitHub to see the bump on `{}` (it says that {} lacks nothing)",
                wanted.head,
                target.label()
            ),
        )),
        Err(error) => not_seen_yet(context, error, &wanted.head),
    }
}

/// The bump that was prepared and shown at the gate where the line has not moved since; else made again, on what the
/// merges of the fixes left.
async fn on_head(context: &StepContext, head: &CommitId) -> Result<Bump, StepError> {
    match context.facts.bump(Purpose::of(context).prepares(), &context.target_subject()) {
        Ok(prepared) if prepared.base == *head => {
            let commit = prepared.commit.clone();
            in_store(context, &context.repo()?.name, move |store| Bump::of(store, commit)).await
        }
        _ => bump::make(context, head).await,
    }
}

async fn push(context: &StepContext, bump: &Bump, permit: &Permit) -> Result<(), StepError> {
    let (repo, branch) = (context.repo()?, purpose::branch(context)?);
    let update = RefUpdate::Create { name: branch.full(), new: bump.commit.clone() };
    let store = context.folder.store(&repo.name);
    new_line::begin(context, &repo.name, permit).await?;
    context.world.transport.push(&store, home(repo), &[update], permit).await?;
    Ok(())
}

async fn is_gone(context: &StepContext, branch: &BranchName) -> Result<bool, StepError> {
    let full = branch.full();
    Ok(!context.world.transport.ls_remote(home(context.repo()?), &[&full]).await?.contains_key(&full))
}

/// The head of the bump's branch, if it stands and states the new version: ours of an earlier attempt, or anybody's
/// who did the same.
async fn standing_bump(context: &StepContext) -> Result<Option<CommitId>, StepError> {
    let (repo, branch, to) = (context.repo()?, purpose::branch(context)?, purpose::to(context)?);
    let Some(head) = fetch_head(context, &repo.name, home(repo), &branch).await? else { return Ok(None) };
    Ok(bump::version_at(context, &head).await?.is_none_or(|stated| stated == *to).then_some(head))
}

fn opened(context: &StepContext, pull: PullRequest) -> Result<Output, StepError> {
    let head = pull.head.commit.clone();
    Ok(Output::Pull(OpenedPull::bringing(head, &context.repo()?.name, pull)))
}
