//! `import-fix`: bring the commits of a fix into the run's store, from a pull request on the private side, from
//! commits that are named there, or from patch files.

use super::error::StepError;
use super::local::{committer, ensure, fetch_branch, fix_ref, in_store};
use super::output::Output;
use super::pull_series;
use super::site::{Made, Seen, Site};
use crate::catalog::Repo;
use crate::git::Store;
use crate::ids::{CommitId, GhsaId};
use crate::release::{Fix, FixSource};

pub(super) async fn observe(_site: &Site) -> Result<Seen, StepError> {
    // Local and repeatable: the same source gives the same commits.
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let repo = site.repo()?;
    let fix = site
        .advisory()?
        .fix_in(&repo.name)
        .ok_or_else(|| StepError::internal(format!("`{}` has no fix", site.step.name)))?;
    let commits = match fix.source() {
        FixSource::Pull(number) => return from_pull(site, repo, fix, number).await,
        FixSource::Commits(commits) => from_commits(site, repo, commits).await?,
        FixSource::Patches(files) => from_patches(site, repo, fix, files).await?,
    };
    keep(site, repo, commits.clone()).await?;
    Ok(Made::Done(Output::Commits(commits)))
}

async fn from_pull(site: &Site, repo: &Repo, fix: &Fix, number: u64) -> Result<Made, StepError> {
    let series = pull_series::fetch(site, repo, fix, number).await?;
    keep(site, repo, series.commits.clone()).await?;
    Ok(Made::Done(Output::Series(series)))
}

async fn from_commits(site: &Site, repo: &Repo, commits: &[CommitId]) -> Result<Vec<CommitId>, StepError> {
    let advisory = site.advisory_id()?.clone();
    let private = site.inputs().private_repo(repo, &advisory);
    let store = site.folder.store(&repo.name);
    ensure(&store)?;
    let refspec = format!("+refs/heads/*:refs/lockgate/private/{advisory}/*");
    site.world.transport.fetch(&store, &private, &[&refspec]).await?;
    let wanted = commits.to_vec();
    in_store(site, &repo.name, move |store| {
        let absent: Vec<&str> =
            wanted.iter().filter(|commit| !store.has_commit(commit)).map(CommitId::short).collect();
        if absent.is_empty() {
            return Ok(wanted);
        }
        Err(StepError::input(
            format!("no branch of `{private}` has the commits {} of {advisory}", absent.join(", ")),
            "push them to a branch of the private side, or correct `commits` in release.toml; then `lockgate resume`",
        ))
    })
    .await
}

async fn from_patches(
    site: &Site,
    repo: &Repo,
    fix: &Fix,
    files: &[String],
) -> Result<Vec<CommitId>, StepError> {
    let head = site
        .plan
        .snapshot
        .repos
        .get(&fix.repo)
        .and_then(|state| state.branches.get(&repo.default_branch))
        .map(|branch| branch.head.clone())
        .ok_or_else(|| {
            StepError::internal(format!("the snapshot lacks the default branch of `{}`", fix.repo))
        })?;
    fetch_branch(site, &repo.name, &repo.default_branch).await?;
    let texts: Vec<(String, String)> = files
        .iter()
        .filter_map(|name| Some((name.clone(), site.inputs().patches.get(name)?.clone())))
        .collect();
    let committer = committer(&site.plan);
    in_store(site, &repo.name, move |store| {
        let mut head = head;
        let mut commits = Vec::new();
        for (name, text) in texts {
            let folder = tempfile::tempdir()?;
            let file = folder.path().join("mailbox");
            std::fs::write(&file, text)?;
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
async fn keep(site: &Site, repo: &Repo, commits: Vec<CommitId>) -> Result<(), StepError> {
    let advisory: GhsaId = site.advisory_id()?.clone();
    in_store(site, &repo.name, move |store: &Store| {
        if let Some(last) = commits.last() {
            store.set_own_ref(&fix_ref(&advisory), last, "imported fix")?;
        }
        Ok(())
    })
    .await
}
