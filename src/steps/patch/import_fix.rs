//! `import-fix`: bring the commits of a fix into the run's store, from a pull request on the private side, from
//! commits that are named there, or from patch files.

use super::pull_series;
use crate::catalog::Repo;
use crate::git::Store;
use crate::ids::{CommitId, GhsaId};
use crate::next_action::{Advice, NextAction};
use crate::release::{Fix, FixSource, PatchText};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::{committer, ensure, fetch_branch, fix_ref, in_store};
use crate::steps::output::Output;

pub(in crate::steps) async fn observe(_site: &StepContext) -> Result<Observed, StepError> {
    // Local and repeatable: the same source gives the same commits.
    Ok(Observed::Todo)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let repo = context.repo()?;
    let fix = context
        .advisory()?
        .fix_in(&repo.name)
        .ok_or_else(|| StepError::internal(format!("`{}` has no fix", context.step.name)))?;
    let commits = match fix.source() {
        FixSource::Pull(number) => return from_pull(context, repo, fix, number).await,
        FixSource::Commits(commits) => from_commits(context, repo, commits).await?,
        FixSource::Patches(files) => from_patches(context, repo, fix, files).await?,
    };
    keep(context, repo, commits.clone()).await?;
    Ok(Applied::Done(Output::Commits(commits)))
}

async fn from_pull(context: &StepContext, repo: &Repo, fix: &Fix, number: u64) -> Result<Applied, StepError> {
    let series = pull_series::fetch(context, repo, fix, number).await?;
    keep(context, repo, series.commits.clone()).await?;
    Ok(Applied::Done(Output::Series(series)))
}

async fn from_commits(
    context: &StepContext,
    repo: &Repo,
    commits: &[CommitId],
) -> Result<Vec<CommitId>, StepError> {
    let advisory = context.advisory_id()?.clone();
    let private = context.inputs().private_repo(repo, &advisory);
    let store = context.folder.store(&repo.name);
    ensure(&store)?;
    let refspec = format!("+refs/heads/*:refs/lockgate/private/{advisory}/*");
    context.world.transport.fetch(&store, &private, &[&refspec]).await?;
    let wanted = commits.to_vec();
    in_store(context, &repo.name, move |store| {
        let absent: Vec<&str> =
            wanted.iter().filter(|commit| !store.has_commit(commit)).map(CommitId::short).collect();
        if absent.is_empty() {
            return Ok(wanted);
        }
        Err(StepError::input(
            format!("no branch of `{private}` has the commits {} of {advisory}", absent.join(", ")),
            Advice::then("push them to a branch of the private side, then", NextAction::Resume),
        )
        .or(Advice::then("name other `commits` in release.toml, then", NextAction::Amend { digest: None })))
    })
    .await
}

async fn from_patches(
    context: &StepContext,
    repo: &Repo,
    fix: &Fix,
    files: &[String],
) -> Result<Vec<CommitId>, StepError> {
    let head = context
        .plan
        .snapshot
        .repos
        .get(&fix.repo)
        .and_then(|state| state.branches.get(&repo.default_branch))
        .map(|branch| branch.head.clone())
        .ok_or_else(|| {
            StepError::internal(format!("the snapshot lacks the default branch of `{}`", fix.repo))
        })?;
    fetch_branch(context, &repo.name, &repo.default_branch).await?;
    let texts: Vec<(String, PatchText)> = files
        .iter()
        .filter_map(|name| Some((name.clone(), context.inputs().patches.get(name)?.clone())))
        .collect();
    let committer = committer(context)?;
    in_store(context, &repo.name, move |store| {
        let mut head = head;
        let mut commits = Vec::new();
        for (name, text) in texts {
            let folder = tempfile::tempdir()?;
            let file = folder.path().join("mailbox");
            std::fs::write(&file, text.as_bytes())?;
            let made = store.import_patches(&head, &file, &committer).map_err(|cause| {
                StepError::input(
                    format!("the patch `{name}` does not apply to the default branch: {cause}"),
                    "make it again with `git format-patch` on top of the default branch's head",
                )
            })?;
            head = made.last().cloned().unwrap_or(head);
            commits.extend(made);
        }
        Ok(commits)
    })
    .await
}

/// A reference keeps the commits from being cleaned away.
async fn keep(context: &StepContext, repo: &Repo, commits: Vec<CommitId>) -> Result<(), StepError> {
    let advisory: GhsaId = context.advisory_id()?.clone();
    in_store(context, &repo.name, move |store: &Store| {
        if let Some(last) = commits.last() {
            store.set_own_ref(&fix_ref(&advisory), last, "imported fix")?;
        }
        Ok(())
    })
    .await
}
