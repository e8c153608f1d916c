//! Checks that run on commits.

use git2::Oid;

use super::jobs::{CHECKS_WORKFLOW, job, run_number};
use crate::emulator::git::commit_id;
use crate::emulator::model::{RunEvent, RunPurpose, ScriptedJob, StoredRun};
use crate::emulator::pattern::covered_or_unrestricted;
use crate::emulator::spec::CheckSpec;
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{Login, RepoName};

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

/// The check as it goes for what started it.
fn as_run_for(check: &CheckSpec, event: RunEvent) -> CheckSpec {
    let outcome = check.in_queue.filter(|_| event == RunEvent::MergeGroup).unwrap_or(check.outcome);
    CheckSpec { outcome, ..check.clone() }
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
    let ran = |name: &str| world.runs_on(repo, &head).any(|run| run.jobs.iter().any(|job| job.name == name));
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
    let jobs: Vec<ScriptedJob> = due
        .iter()
        .map(|check| Ok(job(&as_run_for(check, trunk.event), world.new_id()?, 1, now)))
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
