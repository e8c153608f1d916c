//! Check runs and statuses of a commit. Temporary private forks have none of either.

use serde_json::Value;

use super::commits::no_commit;
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::ci::{Trunk, start_checks};
use crate::emulator::git::{branches, commit_id, object, resolve};
use crate::emulator::json::{check_run, check_suite, combined_status, status, suite_id};
use crate::emulator::model::{CommitStatus, JobState, StoredRun};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// `GET …/commits/{ref}/check-runs`
pub(super) fn list_runs(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let name = request.value("ref")?;
    let git = world.git(repo)?;
    let id = resolve(&git, name).ok_or_else(|| no_commit(name))?;
    // A branch's head that never saw its checks gets them now: the world noticed its push only here.
    for (branch, tip) in branches(&git)? {
        if tip == id {
            let actor = world.owner(repo);
            start_checks(world, repo, &Trunk::pushed(&branch, tip), &actor)?;
        }
    }
    let head = commit_id(id);
    let mut list = Vec::new();
    for run in world.runs_on(repo, &head) {
        for job in &run.jobs {
            let state = job.state(world.now);
            let named = request.query("check_name").is_none_or(|name| name == job.name);
            let stands = request.query("status").is_none_or(|status| status == state.status());
            if state != JobState::Absent && named && stands {
                list.push(check_run(world, &request.links, run, job));
            }
        }
    }
    request.counted("check_runs", list)
}

/// `GET …/commits/{ref}/check-suites`: each run of a workflow is one.
pub(super) fn list_suites(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let name = request.value("ref")?;
    let head = commit_id(resolve(&*world.git(repo)?, name).ok_or_else(|| no_commit(name))?);
    let suites: Result<Vec<Value>, ApiError> =
        world.runs_on(repo, &head).map(|run| suite(world, request, run)).collect();
    request.counted("check_suites", suites?)
}

/// `GET …/check-suites/{check_suite_id}`
pub(super) fn show_suite(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let run = run_of_suite(world, request, repo)?;
    Reply::with(suite(world, request, run)?)
}

/// `GET …/check-suites/{check_suite_id}/check-runs`
pub(super) fn runs_of_suite(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let run = run_of_suite(world, request, repo)?;
    let visible = run.jobs.iter().filter(|job| job.state(world.now) != JobState::Absent);
    request.counted("check_runs", visible.map(|job| check_run(world, &request.links, run, job)).collect())
}

fn run_of_suite<'w>(
    world: &'w EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> Result<&'w StoredRun, ApiError> {
    let number = request.number("check_suite_id")?;
    let mut runs = world.runs.values().filter(|run| run.repo == *repo);
    runs.find(|run| suite_id(run) == number).ok_or_else(ApiError::not_found)
}

fn suite(world: &EmulatedWorld, request: &ApiRequest, run: &StoredRun) -> Result<Value, ApiError> {
    let git = world.git(&run.repo)?;
    let head = git.find_commit(object(&run.head)?)?;
    Ok(check_suite(world, &request.links, run, &head, request.viewer.as_ref()))
}

/// `GET …/check-runs/{check_run_id}`
pub(super) fn show_run(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let (run, job) = world.job(repo, request.number("check_run_id")?).ok_or_else(ApiError::not_found)?;
    Reply::with(check_run(world, &request.links, run, job))
}

/// `GET …/check-runs/{check_run_id}/annotations`: scripted checks make none.
pub(super) fn annotations(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    world.job(repo, request.number("check_run_id")?).ok_or_else(ApiError::not_found)?;
    request.list(Vec::new())
}

/// The full id of the commit that the address names.
fn commit_of(world: &EmulatedWorld, repo: &RepoName, name: &str) -> Result<String, ApiError> {
    Ok(resolve(&*world.git(repo)?, name).ok_or_else(|| no_commit(name))?.to_string())
}

/// `GET …/commits/{ref}/status`
pub(super) fn combined(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let sha = commit_of(world, repo, request.value("ref")?)?;
    let all = world.statuses_on(repo, &sha);
    Reply::with(combined_status(world, &request.links, repo, &sha, all, request.viewer.as_ref()))
}

/// `GET …/commits/{ref}/statuses`
pub(super) fn statuses(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let sha = commit_of(world, repo, request.value("ref")?)?;
    let all = world.statuses_on(repo, &sha).iter().rev();
    request.list(all.map(|one| status(world, &request.links, repo, &sha, one)).collect())
}

/// `POST …/statuses/{sha}`
pub(super) fn set_status(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let sha = commit_of(world, repo, request.value("sha")?)?;
    let state = request.required("Status", "state")?.to_owned();
    if !["error", "failure", "pending", "success"].contains(&state.as_str()) {
        return Err(ApiError::custom("Status", "State must be one of success, failure, error, pending"));
    }
    let fresh = CommitStatus {
        id: world.new_id()?,
        context: request.text("context").unwrap_or("default").to_owned(),
        state,
        description: request.text("description").map(str::to_owned),
        target_url: request.text("target_url").map(str::to_owned),
        creator: request.login()?,
        created_at: world.now,
    };
    let shown = status(world, &request.links, repo, &sha, &fresh);
    world.add_status(repo, &sha, fresh);
    Reply::with(shown)
}
