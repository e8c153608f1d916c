//! Scripted CI: checks that run on commits, pipelines that release, and everything else that happens by itself.
//!
//! There are no timers. A check's state follows from the hour; what changes the world is scheduled and applied
//! by the first request after its hour.

mod effects;
mod pipeline;

use git2::{Oid, Repository as Git};
use jiff::{SignedDuration, Timestamp};

pub(crate) use effects::happen;
pub(crate) use pipeline::{cancel, dispatch, rerun_failed};

use super::git::{commits_between, message_of};
use super::model::{Job, RunEvent, RunPurpose, StoredRun};
use super::pattern::{covered_or_unrestricted, covers};
use super::spec::{CheckSpec, ScriptedOutcome, ScriptedTrigger};
use super::world::{EmulatedWorld, EmulatorError, commit_id};
use crate::ids::{Login, RepoName};

/// The file name of the workflow that runs the checks.
pub(crate) const CHECKS_WORKFLOW: &str = "ci.yml";
/// The file name of the workflow that releases when nobody dispatches it.
pub(crate) const RELEASE_WORKFLOW: &str = "release.yml";

/// What checks run on.
pub(crate) struct Trunk {
    /// The branch that the commit is on.
    pub(crate) branch: String,
    /// The base of the pull request, if there is one.
    pub(crate) base: Option<String>,
    /// The commit.
    pub(crate) head: Oid,
    /// What started them.
    pub(crate) event: RunEvent,
}

impl Trunk {
    /// A push.
    pub(crate) fn pushed(branch: &str, head: Oid) -> Trunk {
        Trunk { branch: branch.to_owned(), base: None, head, event: RunEvent::Push }
    }
}

/// A later hour; the far future where there is none.
pub(crate) fn later(hour: Timestamp, time: SignedDuration) -> Timestamp {
    hour.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// How an attempt of a check ends.
fn outcome(check: &CheckSpec, attempt: u32) -> ScriptedOutcome {
    if attempt <= check.flakes { ScriptedOutcome::Failure } else { check.outcome }
}

/// A job for one attempt of a check that starts now.
fn job(check: &CheckSpec, id: u64, attempt: u32, now: Timestamp) -> Job {
    let appears_at = later(now, check.appears);
    let outcome = outcome(check, attempt);
    let ends_at = (outcome != ScriptedOutcome::Stuck).then(|| later(appears_at, check.delay));
    Job { id, name: check.name.clone(), appears_at, ends_at, outcome, attempt, cancelled_at: None }
}

/// Starts the checks that belong to a commit and have not run on it. Workspace repositories have no CI.
pub(crate) fn start_checks(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    trunk: &Trunk,
    actor: &Login,
) -> Result<(), EmulatorError> {
    let repository = world.repository(repo)?;
    if repository.is_workspace() || repository.checks.is_empty() {
        return Ok(());
    }
    let head = commit_id(trunk.head);
    let target = trunk.base.as_deref().unwrap_or(&trunk.branch);
    let prefix = format!("{repo}@");
    let ran = |name: &str| {
        let mut runs = world.runs.within(&prefix).filter(|(_, run)| run.head == head);
        runs.any(|(_, run)| run.jobs.iter().any(|job| job.name == name))
    };
    let due: Vec<CheckSpec> = repository
        .checks
        .iter()
        .filter(|check| covered_or_unrestricted(&check.branches, target) && !ran(&check.name))
        .cloned()
        .collect();
    if due.is_empty() {
        return Ok(());
    }
    let now = world.now;
    let jobs: Vec<Job> = due
        .iter()
        .map(|check| Ok(job(check, world.new_id()?, 1, now)))
        .collect::<Result<_, EmulatorError>>()?;
    let run = StoredRun {
        id: world.new_id()?,
        repo: repo.clone(),
        work: RunPurpose::Checks,
        workflow: CHECKS_WORKFLOW.to_owned(),
        event: trunk.event,
        head_branch: trunk.branch.clone(),
        head,
        actor: actor.clone(),
        number: run_number(world, repo, CHECKS_WORKFLOW),
        attempt: 1,
        created_at: now,
        updated_at: now,
        jobs,
        base_branch: trunk.base.clone(),
    };
    world.runs.insert(StoredRun::key(repo, run.id), run);
    Ok(())
}

fn run_number(world: &EmulatedWorld, repo: &RepoName, workflow: &str) -> u64 {
    let prefix = format!("{repo}@");
    1 + world.runs.within(&prefix).filter(|(_, run)| run.workflow == workflow).count() as u64
}

/// A branch got new commits: a marker in one of their messages starts a release of the new head.
pub(crate) fn branch_pushed(
    world: &mut EmulatedWorld,
    git: &Git,
    repo: &RepoName,
    branch: &str,
    old: Option<Oid>,
    new: Oid,
    actor: &Login,
) -> Result<(), EmulatorError> {
    let Some(release) = world.repository(repo)?.release.clone() else { return Ok(()) };
    let ScriptedTrigger::MergeMarker { text } = &release.trigger else { return Ok(()) };
    let Some(old) = old else { return Ok(()) };
    if !covered_or_unrestricted(&release.branches, branch) {
        return Ok(());
    }
    for commit in commits_between(git, old, new)? {
        if message_of(&git.find_commit(commit)?).contains(text.as_str()) {
            pipeline::start(world, repo, RELEASE_WORKFLOW, RunEvent::Push, branch, new, actor)?;
            return Ok(());
        }
    }
    Ok(())
}

/// A tag was pushed: it starts a release where tags do.
pub(crate) fn tag_pushed(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    tag: &str,
    commit: Oid,
    actor: &Login,
) -> Result<(), EmulatorError> {
    let Some(release) = world.repository(repo)?.release.clone() else { return Ok(()) };
    if let ScriptedTrigger::TagPushed { glob } = &release.trigger
        && covers(glob, tag)
    {
        pipeline::start(world, repo, RELEASE_WORKFLOW, RunEvent::Push, tag, commit, actor)?;
    }
    Ok(())
}
