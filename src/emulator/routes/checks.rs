//! Check runs and statuses of a commit. Temporary private forks have none of either.

use serde_json::Value;

use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::ci::{Trunk, start_checks};
use crate::emulator::git::commit_id;
use crate::emulator::git::{branches, resolve};
use crate::emulator::json::{check_run, combined_status, status};
use crate::emulator::model::{CommitStatus, JobState};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Checks.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    match (call.method, path) {
        (Method::Get, ["commits", name @ .., "check-runs"]) => {
            Some(check_runs(world, call, repo, &name.join("/")))
        }
        (Method::Get, ["commits", name @ .., "status"]) => Some(combined(world, call, repo, &name.join("/"))),
        (Method::Get, ["commits", name @ .., "statuses"]) => {
            Some(statuses(world, call, repo, &name.join("/")))
        }
        (Method::Get, ["check-runs", id]) => Some(one_check_run(world, call, repo, id)),
        (Method::Post, ["statuses", sha]) => Some(set_status(world, call, repo, sha)),
        _ => None,
    }
}

fn missing(name: &str) -> ApiError {
    ApiError::says(422, format!("No commit found for SHA: {name}"))
}

fn check_runs(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    name: &str,
) -> Result<Reply, ApiError> {
    let git = world.git(repo)?;
    let id = resolve(&git, name).ok_or_else(|| missing(name))?;
    // A branch's head that never saw its checks gets them now: the world noticed its push only here.
    for (branch, tip) in branches(&git)? {
        if tip == id {
            let actor = world.owner(repo);
            start_checks(world, repo, &Trunk::pushed(&branch, tip), &actor)?;
        }
    }
    let head = commit_id(id);
    let prefix = format!("{repo}@");
    let mut list = Vec::new();
    for (_, run) in world.runs.within(&prefix).filter(|(_, run)| run.head == head) {
        for job in &run.jobs {
            let state = job.state(world.now);
            let named = call.parameter("check_name").is_none_or(|name| name == job.name);
            let stands = call.parameter("status").is_none_or(|status| status == state.status());
            if state != JobState::Absent && named && stands {
                list.push(check_run(world, &call.links, run, job));
            }
        }
    }
    call.counted("check_runs", list)
}

fn one_check_run(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    id: &str,
) -> Result<Reply, ApiError> {
    let id: u64 = id.parse().map_err(|_| ApiError::not_found())?;
    let prefix = format!("{repo}@");
    let mut all = world.runs.within(&prefix).flat_map(|(_, run)| run.jobs.iter().map(move |job| (run, job)));
    let (run, job) = all.find(|(_, job)| job.id == id).ok_or_else(ApiError::not_found)?;
    Reply::ok(check_run(world, &call.links, run, job))
}

fn known(
    world: &EmulatedWorld,
    repo: &RepoName,
    name: &str,
) -> Result<(String, Vec<CommitStatus>), ApiError> {
    let id = resolve(&world.git(repo)?, name).ok_or_else(|| missing(name))?.to_string();
    let all = world.statuses.get(&format!("{repo} {id}")).cloned().unwrap_or_default();
    Ok((id, all))
}

fn combined(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    name: &str,
) -> Result<Reply, ApiError> {
    let (sha, all) = known(world, repo, name)?;
    Reply::ok(combined_status(world, &call.links, repo, &sha, &all, call.viewer.as_ref()))
}

fn statuses(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    name: &str,
) -> Result<Reply, ApiError> {
    let (sha, all) = known(world, repo, name)?;
    let list: Vec<Value> = all.iter().rev().map(|one| status(world, &call.links, repo, &sha, one)).collect();
    call.list(list)
}

fn set_status(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    sha: &str,
) -> Result<Reply, ApiError> {
    let repository = call.repository_for(world, repo, Role::Write)?;
    if repository.is_workspace() {
        return Err(ApiError::workspace());
    }
    let (sha, mut all) = known(world, repo, sha)?;
    let state = call.required("Status", "state")?.to_owned();
    if !["error", "failure", "pending", "success"].contains(&state.as_str()) {
        return Err(ApiError::custom("Status", "State must be one of success, failure, error, pending"));
    }
    let fresh = CommitStatus {
        id: world.new_id()?,
        context: call.text("context").unwrap_or("default").to_owned(),
        state,
        description: call.text("description").map(str::to_owned),
        target_url: call.text("target_url").map(str::to_owned),
        creator: call.login()?,
        created_at: world.now,
    };
    let shown = status(world, &call.links, repo, &sha, &fresh);
    all.push(fresh);
    world.statuses.insert(format!("{repo} {sha}"), all);
    Reply::created(shown)
}
