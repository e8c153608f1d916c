//! Workflow runs, jobs, check runs and statuses.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Links, node_id, repository, user};
use crate::emulator::git::message_of;
use crate::emulator::model::{CommitStatus, JobState, ScriptedJob, StoredAccount, StoredRun, combined};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// A number for a workflow file that is the same in every run of the world.
pub(crate) fn workflow_id(file: &str) -> u64 {
    file.bytes().fold(5, |sum: u64, byte| (sum * 33 + u64::from(byte)) % 100_000_000)
}

/// A workflow.
pub(crate) fn workflow(links: &Links, repo: &RepoName, file: &str, since: Timestamp) -> Value {
    let id = workflow_id(file);
    let url = links.api(&format!("/repos/{repo}/actions/workflows/{id}"));
    json!({
        "id": id, "node_id": node_id("Workflow", id), "name": file, "path": format!(".github/workflows/{file}"),
        "state": "active", "created_at": since, "updated_at": since, "url": url,
        "html_url": links.web(&format!("/{repo}/actions/workflows/{file}")),
        "badge_url": links.web(&format!("/{repo}/workflows/{file}/badge.svg")),
    })
}

/// The number of the suite that a run is.
pub(crate) fn suite_id(run: &StoredRun) -> u64 {
    run.id + 1_000_000
}

/// A run as a suite of checks.
pub(crate) fn check_suite(
    world: &EmulatedWorld,
    links: &Links,
    run: &StoredRun,
    head: &git2::Commit<'_>,
    viewer: Option<&StoredAccount>,
) -> Value {
    let (repo, state, id) = (&run.repo, run.state(world.now), suite_id(run));
    let url = links.api(&format!("/repos/{repo}/check-suites/{id}"));
    let whole = world.repositories.get(repo.as_str()).map(|one| repository(world, links, one, viewer));
    let visible = run.jobs.iter().filter(|job| job.state(world.now) != JobState::Absent).count();
    let ends = run.jobs.iter().filter_map(|job| job.ended(world.now)).max();
    let before = head.parent_id(0).map_or_else(|_| "0".repeat(40), |parent| parent.to_string());
    let person = |who: &git2::Signature<'_>| json!({"name": who.name().ok(), "email": who.email().ok()});
    json!({
        "id": id, "node_id": node_id("CheckSuite", id), "head_branch": run.head_branch, "head_sha": run.head,
        "status": state.status(), "conclusion": state.conclusion(), "url": url, "before": before, "after": run.head,
        "pull_requests": [], "app": null, "repository": whole, "created_at": run.created_at,
        "updated_at": ends.unwrap_or(run.updated_at), "latest_check_runs_count": visible,
        "check_runs_url": format!("{url}/check-runs"), "rerequestable": true, "runs_rerequestable": true,
        "head_commit": {
            "id": run.head, "tree_id": head.tree_id().to_string(), "message": message_of(head),
            "timestamp": run.created_at, "author": person(&head.author()), "committer": person(&head.committer()),
        },
    })
}

/// A run.
pub(crate) fn workflow_run(
    world: &EmulatedWorld,
    links: &Links,
    run: &StoredRun,
    viewer: Option<&StoredAccount>,
) -> Value {
    let repo = &run.repo;
    let url = links.api(&format!("/repos/{repo}/actions/runs/{}", run.id));
    let workflow = workflow_id(&run.workflow);
    let state = run.state(world.now);
    let ends = run.jobs.iter().filter_map(|job| job.ended(world.now)).max();
    let whole = world.repositories.get(repo.as_str()).map(|one| repository(world, links, one, viewer));
    let suite = suite_id(run);
    json!({
        "id": run.id, "node_id": node_id("WorkflowRun", run.id), "name": run.workflow,
        "check_suite_id": suite, "check_suite_node_id": node_id("CheckSuite", suite),
        "head_branch": run.head_branch, "head_sha": run.head, "path": format!(".github/workflows/{}", run.workflow),
        "run_number": run.number, "run_attempt": run.attempt, "event": run.event.as_str(),
        "display_title": run.workflow, "status": state.status(), "conclusion": state.conclusion(),
        "workflow_id": workflow, "url": url, "html_url": links.web(&format!("/{repo}/actions/runs/{}", run.id)),
        "pull_requests": [], "created_at": run.created_at, "updated_at": ends.unwrap_or(run.updated_at),
        "run_started_at": run.updated_at, "actor": user(world, links, &run.actor),
        "triggering_actor": user(world, links, &run.actor), "jobs_url": format!("{url}/jobs"),
        "logs_url": format!("{url}/logs"),
        "check_suite_url": links.api(&format!("/repos/{repo}/check-suites/{suite}")),
        "artifacts_url": format!("{url}/artifacts"), "cancel_url": format!("{url}/cancel"),
        "rerun_url": format!("{url}/rerun"), "previous_attempt_url": null,
        "workflow_url": links.api(&format!("/repos/{repo}/actions/workflows/{workflow}")),
        "head_commit": {
            "id": run.head, "tree_id": run.head, "message": "", "timestamp": run.created_at,
            "author": {"name": run.actor, "email": "noreply@github.com"},
            "committer": {"name": "GitHub", "email": "noreply@github.com"},
        },
        "repository": whole, "head_repository": whole,
    })
}

/// A job of a run.
pub(crate) fn job(world: &EmulatedWorld, links: &Links, run: &StoredRun, job: &ScriptedJob) -> Value {
    let repo = &run.repo;
    let state = job.state(world.now);
    let begun = !matches!(state, JobState::Absent | JobState::Queued);
    json!({
        "id": job.id, "run_id": run.id, "run_url": links.api(&format!("/repos/{repo}/actions/runs/{}", run.id)),
        "run_attempt": job.attempt, "node_id": node_id("CheckRun", job.id), "head_sha": run.head,
        "url": links.api(&format!("/repos/{repo}/actions/jobs/{}", job.id)),
        "html_url": links.web(&format!("/{repo}/actions/runs/{}/job/{}", run.id, job.id)),
        "status": state.status(), "conclusion": state.conclusion(), "created_at": job.appears_at,
        "started_at": job.appears_at, "completed_at": job.ended(world.now), "name": job.name, "steps": [],
        "check_run_url": links.api(&format!("/repos/{repo}/check-runs/{}", job.id)), "labels": ["emulated"],
        "runner_id": begun.then_some(1), "runner_name": begun.then_some("emulator"),
        "runner_group_id": begun.then_some(1), "runner_group_name": begun.then_some("emulator"),
        "workflow_name": run.workflow, "head_branch": run.head_branch,
    })
}

/// A job as a check run.
pub(crate) fn check_run(world: &EmulatedWorld, links: &Links, run: &StoredRun, job: &ScriptedJob) -> Value {
    let repo = &run.repo;
    let state = job.state(world.now);
    let url = links.api(&format!("/repos/{repo}/check-runs/{}", job.id));
    let html = links.web(&format!("/{repo}/actions/runs/{}/job/{}", run.id, job.id));
    let begun = !matches!(state, JobState::Absent | JobState::Queued);
    json!({
        "id": job.id, "node_id": node_id("CheckRun", job.id), "head_sha": run.head, "name": job.name,
        "external_id": "", "url": url, "html_url": html, "details_url": html, "status": state.status(),
        "conclusion": state.conclusion(), "started_at": begun.then_some(job.appears_at),
        "completed_at": job.ended(world.now),
        "output": {"title": null, "summary": null, "text": null, "annotations_count": 0,
                   "annotations_url": format!("{url}/annotations")},
        "check_suite": {"id": suite_id(run)}, "app": null, "pull_requests": [],
    })
}

/// A status.
pub(crate) fn status(
    world: &EmulatedWorld,
    links: &Links,
    repo: &RepoName,
    sha: &str,
    one: &CommitStatus,
) -> Value {
    json!({
        "url": links.api(&format!("/repos/{repo}/statuses/{sha}")), "id": one.id,
        "node_id": node_id("Status", one.id), "state": one.state, "description": one.description,
        "target_url": one.target_url, "context": one.context, "created_at": one.created_at,
        "updated_at": one.created_at, "avatar_url": null, "creator": user(world, links, &one.creator),
    })
}

/// The combined status of a commit; of each context the last one counts.
pub(crate) fn combined_status(
    world: &EmulatedWorld,
    links: &Links,
    repo: &RepoName,
    sha: &str,
    all: &[CommitStatus],
    viewer: Option<&StoredAccount>,
) -> Value {
    let last: Vec<&CommitStatus> = all
        .iter()
        .enumerate()
        .filter(|(index, one)| !all[index + 1..].iter().any(|later| later.context == one.context))
        .map(|(_, one)| one)
        .collect();
    let statuses: Vec<Value> = last.iter().map(|one| status(world, links, repo, sha, one)).collect();
    let commit = links.api(&format!("/repos/{repo}/commits/{sha}"));
    let whole = world.repositories.get(repo.as_str()).map(|one| repository(world, links, one, viewer));
    json!({
        "state": combined(all.iter()), "statuses": statuses, "sha": sha, "total_count": last.len(),
        "repository": whole, "commit_url": commit, "url": format!("{commit}/status"),
    })
}
