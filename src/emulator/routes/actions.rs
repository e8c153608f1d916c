//! Workflows, runs and jobs. There is no CI in temporary private forks: every list is empty.

use serde_json::{Value, json};

use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::ci::{CHECKS_WORKFLOW, RELEASE_WORKFLOW, cancel, dispatch, rerun_failed};
use crate::emulator::git::{read_ref, resolve};
use crate::emulator::json::{job, workflow, workflow_id, workflow_run};
use crate::emulator::model::{JobState, StoredRun};
use crate::emulator::spec::{Role, ScriptedTrigger};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Actions.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    let ["actions", rest @ ..] = path else { return None };
    Some(match (call.method, rest) {
        (Method::Get, ["workflows"]) => workflows(world, call, repo),
        (Method::Get, ["workflows", id]) => one_workflow(world, call, repo, id),
        (Method::Post, ["workflows", id, "dispatches"]) => start(world, call, repo, id),
        (Method::Get, ["workflows", id, "runs"]) => {
            file_of(world, repo, id).and_then(|file| runs(world, call, repo, Some(&file)))
        }
        (Method::Get, ["runs"]) => runs(world, call, repo, None),
        (Method::Get, ["runs", id]) => find(world, repo, id)
            .and_then(|run| Reply::ok(workflow_run(world, &call.links, run, call.viewer.as_ref()))),
        (Method::Get, ["runs", id, "jobs"]) => jobs(world, call, repo, id),
        (Method::Post, ["runs", id, "rerun-failed-jobs" | "rerun"]) => rerun(world, call, repo, id),
        (Method::Post, ["runs", id, "cancel"]) => stop(world, call, repo, id),
        (Method::Get, ["jobs", id]) => one_job(world, call, repo, id),
        _ => Err(ApiError::not_found()),
    })
}

/// The files that this repository's scripted CI has, and those below `.github/workflows`.
fn files(world: &EmulatedWorld, repo: &RepoName) -> Result<Vec<String>, ApiError> {
    let repository = world.repository(repo)?;
    if repository.is_workspace() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    if !repository.checks.is_empty() {
        files.push(CHECKS_WORKFLOW.to_owned());
    }
    match repository.release.as_ref().map(|release| &release.trigger) {
        Some(ScriptedTrigger::Dispatch { workflow }) => files.push(workflow.clone()),
        Some(ScriptedTrigger::MergeMarker { .. } | ScriptedTrigger::TagPushed { .. }) => {
            files.push(RELEASE_WORKFLOW.to_owned())
        }
        None => {}
    }
    let git = world.git(repo)?;
    let head = read_ref(&git, &format!("refs/heads/{}", repository.default_branch));
    let folder = head.and_then(|head| crate::emulator::git::tree_entry(&git, head, ".github/workflows"));
    if let Some(tree) = folder.as_ref().and_then(|(object, _)| object.as_tree()) {
        for entry in tree {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            if (name.ends_with(".yml") || name.ends_with(".yaml")) && !files.contains(&name) {
                files.push(name);
            }
        }
    }
    Ok(files)
}

fn file_of(world: &EmulatedWorld, repo: &RepoName, id: &str) -> Result<String, ApiError> {
    let known = files(world, repo)?;
    let found = known.into_iter().find(|file| file == id || workflow_id(file).to_string() == id);
    found.ok_or_else(ApiError::not_found)
}

fn workflows(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let since = world.repository(repo)?.created_at;
    let list = files(world, repo)?.iter().map(|file| workflow(&call.links, repo, file, since)).collect();
    call.counted("workflows", list)
}

fn one_workflow(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    id: &str,
) -> Result<Reply, ApiError> {
    let file = file_of(world, repo, id)?;
    Reply::ok(workflow(&call.links, repo, &file, world.repository(repo)?.created_at))
}

fn start(world: &mut EmulatedWorld, call: &ApiRequest, repo: &RepoName, id: &str) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Write)?;
    let file = file_of(world, repo, id)?;
    let named = call.required("WorkflowDispatch", "ref")?;
    let name = named.strip_prefix("refs/heads/").or(named.strip_prefix("refs/tags/")).unwrap_or(named);
    let commit = resolve(&world.git(repo)?, name)
        .ok_or_else(|| ApiError::says(422, format!("No ref found for: {named}")))?;
    let inputs = call.body.get("inputs").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    if inputs > 25 {
        return Err(ApiError::says(422, "inputs may have at most 25 properties"));
    }
    if file == CHECKS_WORKFLOW {
        return Err(ApiError::says(422, "Workflow does not have 'workflow_dispatch' trigger"));
    }
    let run = dispatch(world, repo, &file, name, commit, &call.login()?)?;
    if !call.says("return_run_details") {
        return Reply::nothing();
    }
    Reply::ok(json!({
        "workflow_run_id": run, "run_url": call.links.api(&format!("/repos/{repo}/actions/runs/{run}")),
        "html_url": call.links.web(&format!("/{repo}/actions/runs/{run}")),
    }))
}

fn runs(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    file: Option<&str>,
) -> Result<Reply, ApiError> {
    let prefix = format!("{repo}@");
    let matches = |name: &str, value: &str| call.parameter(name).is_none_or(|wanted| wanted == value);
    let fits = |run: &StoredRun| {
        let state = run.state(world.now);
        let status = call.parameter("status");
        file.is_none_or(|file| run.workflow == file)
            && matches("branch", &run.head_branch)
            && matches("head_sha", run.head.as_str())
            && matches("event", run.event.as_str())
            && matches("actor", run.actor.as_str())
            && status.is_none_or(|wanted| wanted == state.status() || Some(wanted) == state.conclusion())
    };
    let mut list: Vec<Value> = world
        .runs
        .within(&prefix)
        .filter(|(_, run)| fits(run))
        .map(|(_, run)| workflow_run(world, &call.links, run, call.viewer.as_ref()))
        .collect();
    list.reverse();
    call.counted("workflow_runs", list)
}

fn find<'a>(world: &'a EmulatedWorld, repo: &RepoName, id: &str) -> Result<&'a StoredRun, ApiError> {
    let id: u64 = id.parse().map_err(|_| ApiError::not_found())?;
    world.runs.get(&StoredRun::key(repo, id)).ok_or_else(ApiError::not_found)
}

fn jobs(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName, id: &str) -> Result<Reply, ApiError> {
    let run = find(world, repo, id)?;
    let visible = run.jobs.iter().filter(|job| job.state(world.now) != JobState::Absent);
    call.counted("jobs", visible.map(|one| job(world, &call.links, run, one)).collect())
}

fn one_job(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName, id: &str) -> Result<Reply, ApiError> {
    let prefix = format!("{repo}@");
    let mut all = world.runs.within(&prefix).flat_map(|(_, run)| run.jobs.iter().map(move |one| (run, one)));
    let (run, one) = all.find(|(_, one)| one.id.to_string() == id).ok_or_else(ApiError::not_found)?;
    Reply::ok(job(world, &call.links, run, one))
}

fn rerun(world: &mut EmulatedWorld, call: &ApiRequest, repo: &RepoName, id: &str) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Write)?;
    let run = find(world, repo, id)?;
    if !matches!(run.state(world.now), JobState::Done(_)) {
        return Err(ApiError::says(403, "This workflow is already running"));
    }
    let id = run.id;
    if rerun_failed(world, repo, id)? {
        Reply::created(json!({}))
    } else {
        Err(ApiError::says(403, "This workflow run has no failed jobs to rerun"))
    }
}

fn stop(world: &mut EmulatedWorld, call: &ApiRequest, repo: &RepoName, id: &str) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Write)?;
    let run = find(world, repo, id)?;
    if matches!(run.state(world.now), JobState::Done(_)) {
        return Err(ApiError::says(409, "Cannot cancel a workflow run that is completed."));
    }
    let id = run.id;
    cancel(world, repo, id);
    Reply::with(202, json!({}))
}
