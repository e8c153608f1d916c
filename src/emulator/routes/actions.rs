//! Workflows, runs and jobs. There is no CI in temporary private forks: every list is empty.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::ci::{CHECKS_WORKFLOW, RELEASE_WORKFLOW, cancel, dispatch, let_start, rerun_failed};
use crate::emulator::git::{branch_tip, resolve, tree_entry};
use crate::emulator::json::{job, workflow, workflow_id, workflow_run};
use crate::emulator::model::{JobState, StoredRun};
use crate::emulator::spec::ScriptedTrigger;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

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
    if let Some(release) = &repository.release {
        match release.trigger {
            ScriptedTrigger::Dispatch { .. } => files.extend(release.workflows().map(str::to_owned)),
            ScriptedTrigger::MergeMarker { .. } | ScriptedTrigger::TagPushed { .. } => {
                files.push(RELEASE_WORKFLOW.to_owned());
            }
        }
    }
    let git = world.git(repo)?;
    let head = branch_tip(&git, &repository.default_branch);
    let folder = head.and_then(|head| tree_entry(&git, head, ".github/workflows"));
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

/// The workflow file that the address names, by its name or its number.
fn file_of(world: &EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> Result<String, ApiError> {
    let id = request.value("workflow_id")?;
    let known = files(world, repo)?;
    let found = known.into_iter().find(|file| file == id || workflow_id(file).to_string() == id);
    found.ok_or_else(ApiError::not_found)
}

pub(super) fn workflows(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let since = world.repository(repo)?.created_at;
    let list = files(world, repo)?.iter().map(|file| workflow(&request.links, repo, file, since)).collect();
    request.counted("workflows", list)
}

pub(super) fn show_workflow(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let file = file_of(world, request, repo)?;
    Reply::with(workflow(&request.links, repo, &file, world.repository(repo)?.created_at))
}

pub(super) fn dispatch_workflow(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> RouteResult {
    let file = file_of(world, request, repo)?;
    let named = request.required("WorkflowDispatch", "ref")?;
    let name = named.strip_prefix("refs/heads/").or(named.strip_prefix("refs/tags/")).unwrap_or(named);
    let commit = resolve(&*world.git(repo)?, name)
        .ok_or_else(|| ApiError::says(422, format!("No ref found for: {named}")))?;
    let inputs = request.body.get("inputs").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    if inputs > 25 {
        return Err(ApiError::says(422, "inputs may have at most 25 properties"));
    }
    if file == CHECKS_WORKFLOW {
        return Err(ApiError::says(422, "Workflow does not have 'workflow_dispatch' trigger"));
    }
    let run = dispatch(world, repo, &file, name, commit, &request.login()?)?;
    if !request.says("return_run_details") {
        return Reply::empty();
    }
    let details = Reply::with(json!({
        "workflow_run_id": run, "run_url": request.links.api(&format!("/repos/{repo}/actions/runs/{run}")),
        "html_url": request.links.web(&format!("/{repo}/actions/runs/{run}")),
    }));
    details.map(|reply| reply.status(200))
}

pub(super) fn runs(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    list_runs(world, request, repo, None)
}

pub(super) fn runs_of_workflow(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> RouteResult {
    let file = file_of(world, request, repo)?;
    list_runs(world, request, repo, Some(&file))
}

fn list_runs(
    world: &EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
    file: Option<&str>,
) -> RouteResult {
    let matches = |name: &str, value: &str| request.query(name).is_none_or(|wanted| wanted == value);
    let fits = |run: &StoredRun| {
        let state = run.state(world.now);
        let status = request.query("status");
        file.is_none_or(|file| run.workflow == file)
            && matches("branch", &run.head_branch)
            && matches("head_sha", run.head.as_str())
            && matches("event", run.event.as_str())
            && matches("actor", run.actor.as_str())
            && request.query("created").is_none_or(|range| within(range, run.created_at))
            && status.is_none_or(|wanted| wanted == state.status() || Some(wanted) == state.conclusion())
    };
    let mut list: Vec<Value> = world
        .runs_of(repo)
        .filter(|run| fits(run))
        .map(|run| workflow_run(world, &request.links, run, request.viewer.as_ref()))
        .collect();
    list.reverse();
    request.counted("workflow_runs", list)
}

/// Whether a time is in a range of GitHub's search: `>=2026-03-02`, `2026-03-02..2026-03-03`, or a day.
fn within(range: &str, at: Timestamp) -> bool {
    let time = |text: &str, is_end: bool| {
        let clock = if is_end { "23:59:59Z" } else { "00:00:00Z" };
        let whole = if text.contains('T') { text.to_owned() } else { format!("{text}T{clock}") };
        whole.parse::<Timestamp>().ok()
    };
    let after = |text: &str| text == "*" || time(text, false).is_some_and(|begin| at >= begin);
    let before = |text: &str| text == "*" || time(text, true).is_some_and(|end| at <= end);
    if let Some((begin, end)) = range.split_once("..") {
        return after(begin) && before(end);
    }
    if let Some(begin) = range.strip_prefix(">=") {
        return after(begin);
    }
    if let Some(end) = range.strip_prefix("<=") {
        return before(end);
    }
    if let Some(begin) = range.strip_prefix('>') {
        return !before(begin);
    }
    if let Some(end) = range.strip_prefix('<') {
        return !after(end);
    }
    after(range) && before(range)
}

/// The run in the address.
fn run_of<'a>(
    world: &'a EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> Result<&'a StoredRun, ApiError> {
    let key = StoredRun::key(repo, request.number("run_id")?);
    world.runs.get(&key).ok_or_else(ApiError::not_found)
}

pub(super) fn show_run(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let run = run_of(world, request, repo)?;
    Reply::with(workflow_run(world, &request.links, run, request.viewer.as_ref()))
}

pub(super) fn jobs(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let run = run_of(world, request, repo)?;
    let visible = run.jobs.iter().filter(|job| job.state(world.now) != JobState::Absent);
    request.counted("jobs", visible.map(|one| job(world, &request.links, run, one)).collect())
}

/// Scripted CI keeps none.
pub(super) fn artifacts(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    run_of(world, request, repo)?;
    request.counted("artifacts", Vec::new())
}

pub(super) fn show_job(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let (run, one) = world.job(repo, request.number("job_id")?).ok_or_else(ApiError::not_found)?;
    Reply::with(job(world, &request.links, run, one))
}

pub(super) fn rerun(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let run = run_of(world, request, repo)?;
    if !matches!(run.state(world.now), JobState::Done(_)) {
        return Err(ApiError::says(403, "This workflow is already running"));
    }
    let id = run.id;
    if rerun_failed(world, repo, id)? {
        Reply::with(json!({}))
    } else {
        Err(ApiError::says(403, "This workflow run has no failed jobs to rerun"))
    }
}

/// `POST …/approve`: lets the workflows of a pull request from a fork run.
pub(super) fn approve_run(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let id = run_of(world, request, repo)?.id;
    if let_start(world, repo, id)? {
        Reply::with(json!({}))
    } else {
        Err(ApiError::says(403, "This workflow run is not waiting for approval"))
    }
}

pub(super) fn cancel_run(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let run = run_of(world, request, repo)?;
    if matches!(run.state(world.now), JobState::Done(_)) {
        return Err(ApiError::says(409, "Cannot cancel a workflow run that is completed."));
    }
    let id = run.id;
    cancel(world, repo, id);
    Reply::with(json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_time_are_those_of_githubs_search() {
        let at: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        for range in [
            ">=2026-03-02T09:00:00Z",
            "<=2026-03-02T09:00:00Z",
            "2026-03-02",
            "2026-03-01..2026-03-02",
            "*..2026-03-03",
            ">2026-03-01",
            "<2026-03-03",
        ] {
            assert!(within(range, at), "{range}");
        }
        for range in
            [">2026-03-02T09:00:00Z", "<2026-03-02T09:00:00Z", "2026-03-01", ">=2026-03-03", "nonsense"]
        {
            assert!(!within(range, at), "{range}");
        }
    }
}
