//! A release planned again while it is under way, because its files were changed.
//!
//! What the first plan saw stays as it was seen: what the run has made since is no news, and what it built stands on these
//! heads. Looked at anew are only what is new, and repositories of which the files say something else now.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::InputFiles;
use super::places::PlanningError;
use super::release_plan::checked;
use super::seen_fixes::seen_fixes;
use super::survey::{advisory_as_seen, repo_as_seen, workers_of};
use super::survey_error::SurveyError;
use crate::catalog::Repo;
use crate::folder::Folder;
use crate::ids::{BranchName, RepoName};
use crate::plan::{Inputs, Plan};
use crate::release::{LineWish, TagAnswer};
use crate::snapshot::{BranchState, RepoState, Snapshot};
use crate::world::World;

/// Whether the disclosure time of changed files may have come already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hour {
    /// It is announced, and to come.
    ToCome,
    /// It is the hour at which the embargo broke.
    Broken,
}

/// The plan of a run whose files are these now. `is_out` says whether fixes of a repository are public already.
///
/// # Errors
/// As [`super::plan_release`].
pub async fn plan_again(
    world: &World,
    folder: &Folder,
    files: &InputFiles,
    before: &Plan,
    hour: Hour,
    is_out: impl Fn(&RepoName) -> bool,
) -> Result<Plan, PlanningError> {
    let is_moved = files.inputs().release.disclosure != before.inputs.release.disclosure;
    if is_moved && hour == Hour::ToCome {
        files.check_disclosure(world.clock.now())?;
    }
    let seen = look_again(world, folder, files.inputs(), before, is_out).await;
    let snapshot = seen.map_err(|error| files.place_survey(error))?;
    checked(files, folder, snapshot, world.clock.now()).await
}

async fn look_again(
    world: &World,
    folder: &Folder,
    inputs: &Inputs,
    before: &Plan,
    is_out: impl Fn(&RepoName) -> bool,
) -> Result<Snapshot, SurveyError> {
    let inputs = &Arc::new(inputs.clone());
    let mut repos = BTreeMap::new();
    for repo in inputs.repos() {
        let known = before.snapshot.repos.get(&repo.name);
        let mut state = match known {
            Some(known) if says_the_same(inputs, before, repo) => known.clone(),
            _ => together(known, repo_as_seen(world, folder, inputs, repo).await?, is_out(&repo.name)),
        };
        let committer = before.snapshot.committer.as_ref();
        state.fixes = seen_fixes(world, folder, inputs, repo, &state, committer).await?;
        repos.insert(repo.name.clone(), state);
    }
    let mut advisories = BTreeMap::new();
    for advisory in &inputs.release.advisories {
        let state = match before.snapshot.advisories.get(&advisory.id) {
            Some(known) => known.clone(),
            None => advisory_as_seen(world, advisory).await?,
        };
        advisories.insert(advisory.id.clone(), state);
    }
    Ok(Snapshot { repos, advisories, workers: workers_of(world), ..before.snapshot.clone() })
}

/// Whether nothing that is read of a repository depends on what was changed.
fn says_the_same(inputs: &Inputs, before: &Plan, repo: &Repo) -> bool {
    before.inputs.catalog.repo(&repo.name) == Some(repo)
        && before.inputs.workflow.defaults == inputs.workflow.defaults
        && said_of(&before.inputs, &repo.name) == said_of(inputs, &repo.name)
}

/// What the release file says of a repository's lines and tags.
fn said_of<'i>(inputs: &'i Inputs, repo: &RepoName) -> (Vec<&'i LineWish>, Vec<&'i TagAnswer>) {
    let answers = inputs.release.tag_answers(repo).map(|(_, answer)| answer);
    (inputs.release.lines_of(repo).collect(), answers.collect())
}

/// A repository that is known and was looked at again. Heads stay where the plan saw them; once fixes are public, so do its
/// versions and tags, among which are our own by then.
fn together(known: Option<&RepoState>, fresh: RepoState, is_out: bool) -> RepoState {
    let Some(known) = known else { return fresh };
    let branches = fresh.branches.iter().map(|(branch, now)| {
        let state = known.branches.get(branch).map_or_else(
            || now.clone(),
            |then| BranchState {
                head: then.head.clone(),
                version: if is_out { then.version.clone() } else { now.version.clone() },
                base: now.base.clone(),
                lacks: then.lacks.clone(),
                is_new: then.is_new,
                matrix: now.matrix.clone(),
            },
        );
        (branch.clone(), state)
    });
    let branches: BTreeMap<BranchName, BranchState> = branches.collect();
    let rules = fresh.rules.clone();
    let rest = if is_out { known.clone() } else { fresh };
    RepoState { branches, rules, ..rest }
}
