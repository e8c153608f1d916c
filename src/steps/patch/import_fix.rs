//! `import-fix`: bring the commits of a fix into the run's store, from a pull request on the private side, from
//! commits that are named there, or from patch files.

use super::patch_files::{PatchBench, Placement, default_head, patched_fixes};
use super::pull_series;
use super::written::{Fetched, OTHER_FIXES, WrittenFix, a_moment, commits_are_fetched, fixes_in};
use crate::catalog::Repo;
use crate::git::{GitError, Store};
use crate::ids::{CommitId, GhsaId};
use crate::next_action::{Advice, NextAction};
use crate::release::{Fix, FixSource};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::{bring_branch, committer, ensure, fix_ref, in_store};
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
        FixSource::Patches(_) => match from_patches(context, repo).await? {
            Some(commits) => commits,
            None => return Ok(Applied::Wait(a_moment(context, OTHER_FIXES))),
        },
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
            refuse_merges(store, &wanted, &advisory)?;
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

/// A merge is named where people see one, such as "Merge commit from fork", and brings more than its own change.
fn refuse_merges(store: &Store, commits: &[CommitId], advisory: &GhsaId) -> Result<(), StepError> {
    for commit in commits {
        let parents = store.commit_info(commit)?.parents;
        if let [first, second, ..] = &parents[..] {
            return Err(StepError::input(
                format!("the commit {} of {advisory} is a merge", commit.short()),
                Advice::then(
                    format!(
                        "name the commits that it brought (`git log --reverse {}..{}`) in release.toml, then",
                        first.short(),
                        second.short()
                    ),
                    NextAction::Amend { digest: None },
                ),
            ));
        }
    }
    Ok(())
}

/// The commits of patch files; `None` while a fix that comes as commits, on which they may have been made, is fetched.
async fn from_patches(context: &StepContext, repo: &Repo) -> Result<Option<Vec<CommitId>>, StepError> {
    let head = default_head(&context.plan, repo).ok_or_else(|| {
        StepError::internal(format!("the snapshot lacks the default branch of `{}`", repo.name))
    })?;
    bring_branch(context, &repo.name, &repo.default_branch, &head).await?;
    let patched = patched_fixes(&context.plan, &repo.name);
    let is_patched = |fix: &WrittenFix| patched.iter().any(|one| one.advisory == fix.advisory);
    let others: Vec<WrittenFix> =
        fixes_in(context, &repo.name).into_iter().filter(|fix| !is_patched(fix)).collect();
    let (own, committer) = (context.advisory_id()?.clone(), committer(context)?);
    let placement = in_store(context, &repo.name, move |store| {
        let bench = PatchBench { store, head, committer: &committer };
        Ok(bench.placement(&own, &patched, &others)?)
    });
    match placement.await? {
        Placement::On(commits) => Ok(Some(commits)),
        Placement::Nowhere(_) if commits_are_fetched(context)? == Fetched::UnderWay => Ok(None),
        Placement::Nowhere(unfit) => Err(StepError::input(unfit.to_string(), unfit.remedy())),
    }
}

/// A reference keeps the commits from being cleaned away.
async fn keep(context: &StepContext, repo: &Repo, commits: Vec<CommitId>) -> Result<(), StepError> {
    let advisory: GhsaId = context.advisory_id()?.clone();
    in_store(context, &repo.name, move |store: &Store| {
        store.check_fix(&commits).map_err(|error| match error {
            GitError::ChangesNothing { .. } => StepError::input(
                format!("{error}; it is all of the fix of {advisory}"),
                Advice::then(
                    "name the commits that hold the fix in release.toml, then",
                    NextAction::Amend { digest: None },
                ),
            ),
            error => error.into(),
        })?;
        if let Some(last) = commits.last() {
            store.set_own_ref(&fix_ref(&advisory), last, "imported fix")?;
        }
        Ok(())
    })
    .await
}
