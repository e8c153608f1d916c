//! `open-bump`: open the version-bump pull request. It carries no word and no line of the fixes.

use super::answer::{RESUME, decision, mend, soon};
use super::bump::{self, Bump};
use super::error::StepError;
use super::output::{OpenedPull, Output};
use super::public::{bump_branch, guarded, home, release};
use super::remote_head::{fetch_head, public_head};
use super::site::{Made, Seen, Site};
use crate::egress::Permit;
use crate::git::RefUpdate;
use crate::github::{Class, NewPull, Pull, PullCreation, PullState};
use crate::ids::CommitId;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let (repo, target, release) = (site.repo()?, site.target()?, release(site)?);
    let branch = bump_branch(target, release)?;
    let found = site.world.github.find_pull(&repo.name, home(repo), &branch, &target.branch).await?;
    let Some(pull) = found else { return without_a_pull(site).await };
    if pull.state == PullState::Closed {
        let text = format!("{} was closed without merging; open it again, or delete its branch", pull.url);
        return Ok(Seen::Ask(mend(text)));
    }
    if pull.state == PullState::Open && standing_bump(site).await?.is_none() {
        let text = format!(
            "{} is open, but its branch does not state version {}; it was not made by this release",
            pull.url, release.to
        );
        return Ok(Seen::Ask(mend(text)));
    }
    Ok(Seen::Done(opened(site, pull)?))
}

/// Without a pull request the line is as the plan saw it, or somebody has raised its version already.
async fn without_a_pull(site: &Site) -> Result<Seen, StepError> {
    let (target, release) = (site.target()?, release(site)?);
    let head = public_head(site, &target.repo, &target.branch).await?;
    let stated = bump::version_at(site, &head).await?;
    if stated == release.to {
        return Ok(Seen::Done(Output::Skipped(format!("{} states {stated} already", target.label()))));
    }
    if stated != release.from {
        let text = format!(
            "{} states {stated}; the plan saw {} and releases {}: nothing was changed; put the version right, or \
             call the release off and plan again",
            target.label(),
            release.from,
            release.to
        );
        return Ok(Seen::Ask(decision(
            text,
            [RESUME.to_owned(), "lockgate abort --as NAME --reason WHY".to_owned()],
        )));
    }
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let (repo, target, release) = (site.repo()?, site.target()?, release(site)?);
    let (title, body) = (bump::title(site)?, bump::body(site)?);
    let branch = bump_branch(target, release)?;
    let pushed = standing_bump(site).await?;
    let new = match &pushed {
        Some(_) => None,
        None => {
            let head = public_head(site, &target.repo, &target.branch).await?;
            Some(bump::make(site, &head).await?)
        }
    };
    let mut texts = vec![branch.as_str(), &title, &body];
    texts.extend(new.iter().flat_map(|bump| bump.added.iter().map(String::as_str)));
    let permit = guarded(site, &format!("version bump of {}", target.label()), &texts).await?;
    if let Some(bump) = &new {
        push(site, bump, &permit).await?;
    }
    let wanted =
        NewPull { head_repo: home(repo).clone(), head: branch, base: target.branch.clone(), title, body };
    match site.world.github.create_pull(&repo.name, &wanted, &permit).await {
        Ok(PullCreation::Created(pull) | PullCreation::AlreadyExists(pull)) => {
            Ok(Made::Done(opened(site, pull)?))
        }
        Ok(PullCreation::NothingBetween) => Ok(Made::Ask(mend(format!(
            "the bump of {} holds nothing that the line lacks; look at the branch `{}`",
            target.label(),
            wanted.head
        )))),
        // GitHub sees a pushed branch a moment later.
        Err(error) if matches!(error.class, Class::PullRefInvalid { .. }) => {
            Ok(Made::Wait(soon(site, format!("GitHub to see the branch `{}`", wanted.head))))
        }
        Err(error) => Err(error.into()),
    }
}

async fn push(site: &Site, bump: &Bump, permit: &Permit) -> Result<(), StepError> {
    let (repo, target) = (site.repo()?, site.target()?);
    let branch = bump_branch(target, release(site)?)?;
    let update = RefUpdate::Create { name: branch.full(), new: bump.commit.clone() };
    let store = site.folder.store(&repo.name);
    site.world.transport.push(&store, home(repo), &[update], permit).await?;
    Ok(())
}

/// The head of the bump's branch, if it stands and states the new version: ours of an earlier attempt, or anybody's
/// who did the same.
async fn standing_bump(site: &Site) -> Result<Option<CommitId>, StepError> {
    let (repo, release) = (site.repo()?, release(site)?);
    let branch = bump_branch(site.target()?, release)?;
    let Some(head) = fetch_head(site, &repo.name, home(repo), &branch).await? else { return Ok(None) };
    Ok((bump::version_at(site, &head).await? == release.to).then_some(head))
}

fn opened(site: &Site, pull: Pull) -> Result<Output, StepError> {
    Ok(Output::Pull(OpenedPull {
        repo: site.repo()?.name.clone(),
        number: pull.number,
        url: pull.url,
        branch: pull.head.branch,
        head: pull.head.commit,
    }))
}
