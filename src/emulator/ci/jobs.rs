//! Jobs and runs, as checks and pipelines both need them.

use jiff::{SignedDuration, Timestamp};

use crate::emulator::model::ScriptedJob;
use crate::emulator::spec::{CheckSpec, ScriptedOutcome};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// The file name of the workflow that runs the checks.
pub(crate) const CHECKS_WORKFLOW: &str = "ci.yml";
/// The file name of the workflow that releases when nobody dispatches it.
pub(crate) const RELEASE_WORKFLOW: &str = "release.yml";

/// A later time; the far future where there is none.
pub(crate) fn later(time: Timestamp, wait: SignedDuration) -> Timestamp {
    time.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// How an attempt of a check ends.
fn outcome(check: &CheckSpec, attempt: u32) -> ScriptedOutcome {
    if attempt <= check.flakes { ScriptedOutcome::Failure } else { check.outcome }
}

/// A job for one attempt of a check that starts now.
pub(super) fn job(check: &CheckSpec, id: u64, attempt: u32, now: Timestamp) -> ScriptedJob {
    let appears_at = later(now, check.appears);
    let outcome = outcome(check, attempt);
    let ends_at = (outcome != ScriptedOutcome::Stuck).then(|| later(appears_at, check.delay));
    ScriptedJob { id, name: check.name.clone(), appears_at, ends_at, outcome, attempt, cancelled_at: None }
}

/// The number of the next run of a workflow.
pub(super) fn run_number(world: &EmulatedWorld, repo: &RepoName, workflow: &str) -> u64 {
    1 + world.runs_of(repo).filter(|run| run.workflow == workflow).count() as u64
}
