//! Checks that run on commits.

use git2::Oid;

use super::jobs::{CHECKS_WORKFLOW, job, run_number};
use super::skipping::is_skipped;
use crate::emulator::git::{commit_id, object};
use crate::emulator::model::{RunEvent, RunPurpose, ScriptedJob, StoredPull, StoredRun};
use crate::emulator::pattern::covered_or_unrestricted;
use crate::emulator::spec::{CheckSpec, CheckStart};
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{CommitId, Login, RepoName};

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
    /// The branch is in a fork.
    pub(crate) is_of_a_fork: bool,
}

impl Trunk {
    /// A push.
    pub(crate) fn pushed(branch: &str, head: Oid) -> Trunk {
        let (branch, event) = (branch.to_owned(), RunEvent::Push);
        Trunk { branch, base: None, head, event, is_of_a_fork: false }
    }

    /// The head of a pull request.
    pub(crate) fn of_pull(pull: &StoredPull, head: Oid, event: RunEvent) -> Trunk {
        Trunk {
            branch: pull.head_branch.clone(),
            base: Some(pull.base_branch.clone()),
            head,
            event,
            is_of_a_fork: pull.head_repo != pull.repo,
        }
    }

    /// Whether the check begins by what happened.
    fn starts(&self, check: &CheckSpec) -> bool {
        match check.starts {
            CheckStart::Review => matches!(self.event, RunEvent::PullRequestReview | RunEvent::MergeGroup),
            CheckStart::Push | CheckStart::Maintainer => self.event != RunEvent::PullRequestReview,
        }
    }

    /// Whether a maintainer has to let the check run.
    fn is_held(&self, check: &CheckSpec) -> bool {
        check.starts == CheckStart::Maintainer && self.is_of_a_fork && self.event == RunEvent::PullRequest
    }
}

/// The check as it goes for what started it.
fn as_run_for(check: &CheckSpec, event: RunEvent) -> CheckSpec {
    let outcome = check.in_queue.filter(|_| event == RunEvent::MergeGroup).unwrap_or(check.outcome);
    CheckSpec { outcome, ..check.clone() }
}

/// Starts the checks that belong to a commit and have not run on it. Workspace repositories have no CI, and a commit may
/// say that none is to start.
pub(crate) fn start_checks(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    trunk: &Trunk,
    actor: &Login,
) -> Result<(), EmulatorError> {
    if world.repository(repo)?.checks.is_empty() {
        return Ok(());
    }
    let head = commit_id(trunk.head);
    if is_skipped(&*world.git(repo)?, trunk.head, trunk.event)? {
        return Ok(());
    }
    let target = trunk.base.as_deref().unwrap_or(&trunk.branch);
    let due = due(world, repo, &head, target)?.into_iter().filter(|check| trunk.starts(check));
    let (held, free): (Vec<CheckSpec>, Vec<CheckSpec>) = due.partition(|check| trunk.is_held(check));
    if !free.is_empty() {
        let jobs = jobs(world, &free, trunk.event)?;
        begin(world, repo, trunk, actor, jobs)?;
    }
    let is_known = world.runs_on(repo, &head).any(|run| run.is_held);
    if !held.is_empty() && !is_known {
        begin(world, repo, trunk, actor, Vec::new())?;
    }
    Ok(())
}

/// Somebody approved a pull request: what waits for that begins.
pub(crate) fn reviewed(
    world: &mut EmulatedWorld,
    pull: &StoredPull,
    by: &Login,
) -> Result<(), EmulatorError> {
    let trunk = Trunk::of_pull(pull, object(&pull.head)?, RunEvent::PullRequestReview);
    start_checks(world, &pull.repo, &trunk, by)
}

/// Lets a run start that waited for a maintainer, and says whether it did.
pub(crate) fn let_start(world: &mut EmulatedWorld, repo: &RepoName, id: u64) -> Result<bool, EmulatorError> {
    let key = StoredRun::key(repo, id);
    let Some(run) = world.runs.get(&key).filter(|run| run.is_held).cloned() else { return Ok(false) };
    let target = run.base_branch.as_deref().unwrap_or(&run.head_branch);
    let due = due(world, repo, &run.head, target)?.into_iter();
    let held: Vec<CheckSpec> = due.filter(|check| check.starts == CheckStart::Maintainer).collect();
    let (jobs, updated_at) = (jobs(world, &held, run.event)?, world.now);
    world.runs.insert(key, StoredRun { jobs, updated_at, is_held: false, ..run });
    Ok(true)
}

/// The checks of a branch that have not run on a commit.
fn due(
    world: &EmulatedWorld,
    repo: &RepoName,
    head: &CommitId,
    target: &str,
) -> Result<Vec<CheckSpec>, EmulatorError> {
    let repository = world.repository(repo)?;
    if repository.is_workspace() {
        return Ok(Vec::new());
    }
    let ran = |name: &str| world.runs_on(repo, head).any(|run| run.jobs.iter().any(|job| job.name == name));
    let covered = repository.checks.iter().filter(|check| covered_or_unrestricted(&check.branches, target));
    Ok(covered.filter(|check| !ran(&check.name)).cloned().collect())
}

fn jobs(
    world: &mut EmulatedWorld,
    checks: &[CheckSpec],
    event: RunEvent,
) -> Result<Vec<ScriptedJob>, EmulatorError> {
    let now = world.now;
    checks.iter().map(|check| Ok(job(&as_run_for(check, event), world.new_id()?, 1, now))).collect()
}

/// Begins a run; one without jobs waits for a maintainer.
fn begin(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    trunk: &Trunk,
    actor: &Login,
    jobs: Vec<ScriptedJob>,
) -> Result<(), EmulatorError> {
    let now = world.now;
    let run = StoredRun {
        id: world.new_id()?,
        repo: repo.clone(),
        work: RunPurpose::Checks,
        workflow: CHECKS_WORKFLOW.to_owned(),
        event: trunk.event,
        head_branch: trunk.branch.clone(),
        head: commit_id(trunk.head),
        actor: actor.clone(),
        number: run_number(world, repo, CHECKS_WORKFLOW),
        attempt: 1,
        created_at: now,
        updated_at: now,
        is_held: jobs.is_empty(),
        jobs,
        base_branch: trunk.base.clone(),
    };
    world.runs.insert(StoredRun::key(repo, run.id), run);
    Ok(())
}
