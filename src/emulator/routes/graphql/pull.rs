//! Pull requests with their checks, reviews and place in the merge queue.

use std::collections::BTreeMap;

use git2::Repository as Git;
use serde_json::{Value, json};

use super::document::Asked;
use super::error::GraphQlError;
use super::facts::{actor, facts, label};
use super::project::{connection, none_of};
use crate::emulator::git::{branch_tip, changed_files, commits_between, compare, message_of, object};
use crate::emulator::json::{Links, node_id, workflow_id};
use crate::emulator::model::{JobState, StoredPull, StoredPullState};
use crate::emulator::routes::ApiRequest;
use crate::emulator::routes::assessment::assess;
use crate::emulator::spec::RuleKind;
use crate::emulator::world::EmulatedWorld;
use crate::ids::Login;

/// `OPEN`, `CLOSED` or `MERGED`.
pub(super) fn state(pull: &StoredPull) -> &'static str {
    match pull.state {
        StoredPullState::Open => "OPEN",
        StoredPullState::Closed { .. } => "CLOSED",
        StoredPullState::Merged { .. } => "MERGED",
    }
}

/// The pull request with this global id, if the caller sees it.
pub(super) fn by_node(world: &EmulatedWorld, request: &ApiRequest, id: &str) -> Result<String, GraphQlError> {
    let found = world.pulls.values().find(|pull| node_id("PullRequest", pull.id) == id);
    let seen = found.filter(|pull| request.repository(world, &pull.repo).is_ok());
    seen.map(StoredPull::document).ok_or_else(|| {
        let message = format!("Could not resolve to a node with the global id of '{id}'");
        GraphQlError::field("NOT_FOUND", message)
    })
}

/// A pull request.
pub(super) fn pull(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    key: &str,
) -> Result<Value, GraphQlError> {
    let assessed = assess(world, key).map_err(GraphQlError::from_rest)?;
    let gone = || GraphQlError::field("NOT_FOUND", "Could not resolve to a PullRequest.");
    let one = world.pulls.get(key).cloned().ok_or_else(gone)?;
    let git = world.git(&one.repo)?;
    let mut all = said(world, request, &one);
    let mergeable = match assessed.mergeable {
        None => "UNKNOWN",
        Some(true) => "MERGEABLE",
        Some(false) => "CONFLICTING",
    };
    let further = [
        ("mergeable", json!(mergeable)),
        ("mergeStateStatus", json!(assessed.state.to_uppercase())),
        ("additions", json!(assessed.additions)),
        ("deletions", json!(assessed.deletions)),
        ("changedFiles", json!(assessed.files)),
        ("commits", commits(world, request, &git, &one)?),
        ("files", files(&git, &one)?),
        ("isMergeQueueEnabled", json!(world.repository(&one.repo)?.queue_of(&one.base_branch).is_some())),
        ("isInMergeQueue", json!(one.queued.is_some())),
        ("mergeQueueEntry", entry(world, request, &one)),
        ("baseRef", base_ref(world, &git, &one)?),
        ("timelineItems", timeline(world, &request.links, &one)),
    ];
    for (field, value) in further {
        all[field] = value;
    }
    Ok(all)
}

/// What is known without looking at its commits.
fn said(world: &EmulatedWorld, request: &ApiRequest, one: &StoredPull) -> Value {
    let links = &request.links;
    let who = |login: &Login| actor(world, links, login);
    let (closed, merged, by, commit) = match &one.state {
        StoredPullState::Open => (None, None, None, None),
        StoredPullState::Closed { at } => (Some(at), None, None, None),
        StoredPullState::Merged { at, by, commit } => (Some(at), Some(at), Some(by), Some(commit)),
    };
    let head = world.repositories.get(one.head_repo.as_str());
    let labels = one.labels.iter().map(|name| label(request, &one.repo, name));
    let asked = one.requested_reviewers.iter();
    let asked = asked.map(|login| json!({"__typename": "ReviewRequest", "requestedReviewer": who(login)}));
    let assigned = |kind: &str| connection(kind, one.assignees.iter().map(who).collect());
    let mut all = json!({
        "__typename": "PullRequest", "id": node_id("PullRequest", one.id), "fullDatabaseId": one.id.to_string(),
        "number": one.number, "title": one.title, "body": one.body.clone().unwrap_or_default(), "state": state(one),
        "url": links.web(&format!("/{}/pull/{}", one.repo, one.number)), "closed": !one.is_open(),
        "isDraft": one.draft, "createdAt": one.created_at, "updatedAt": one.updated_at, "closedAt": closed,
        "mergedAt": merged, "merged": merged.is_some(), "mergedBy": by.map(who), "author": who(&one.author),
        "mergeCommit": commit.map(|oid| json!({"__typename": "Commit", "oid": oid})),
        "baseRefName": one.base_branch, "baseRefOid": one.base, "headRefName": one.head_branch,
        "headRefOid": one.head, "headRepository": head.map(|head| facts(world, request, head)),
    });
    let further = json!({
        "headRepositoryOwner": who(&world.owner(&one.head_repo)), "isCrossRepository": one.head_repo != one.repo,
        "maintainerCanModify": one.maintainer_can_modify, "labels": connection("Label", labels.collect()),
        "reviewRequests": connection("ReviewRequest", asked.collect()),
        "reviews": reviews(world, links, one), "latestReviews": reviews(world, links, one),
        "comments": comments(world, request, one), "assignees": assigned("User"), "assignedActors": assigned("Assignee"),
        "reactionGroups": [],
        "projectItems": none_of("ProjectV2Item"), "projectCards": none_of("ProjectCard"),
        "closingIssuesReferences": none_of("Issue"),
    });
    if let (Some(all), Value::Object(further)) = (all.as_object_mut(), further) {
        all.extend(further);
    }
    all
}

fn reviews(world: &EmulatedWorld, links: &Links, one: &StoredPull) -> Value {
    let all = one.reviews.iter().map(|review| {
        json!({
            "__typename": "PullRequestReview", "id": node_id("Review", review.id), "state": review.state,
            "author": actor(world, links, &review.author), "authorAssociation": "MEMBER", "body": review.body,
            "submittedAt": review.submitted_at, "commit": {"__typename": "Commit", "oid": review.commit},
            "reactionGroups": [],
        })
    });
    connection("PullRequestReview", all.collect())
}

fn comments(world: &EmulatedWorld, request: &ApiRequest, one: &StoredPull) -> Value {
    let all = one.comments.iter().map(|comment| {
        let page = format!("/{}/pull/{}#issuecomment-{}", one.repo, one.number, comment.id);
        json!({
            "__typename": "IssueComment", "id": node_id("IssueComment", comment.id), "body": comment.body,
            "author": actor(world, &request.links, &comment.author), "authorAssociation": "MEMBER",
            "createdAt": comment.created_at, "includesCreatedEdit": false, "isMinimized": false,
            "minimizedReason": "", "reactionGroups": [], "url": request.links.web(&page),
            "viewerDidAuthor": request.viewer.as_ref().is_some_and(|viewer| viewer.login == comment.author),
        })
    });
    connection("IssueComment", all.collect())
}

/// The commit that its base had when it was opened, updated or merged: what its commits stand on.
fn commits(
    world: &EmulatedWorld,
    request: &ApiRequest,
    git: &Git,
    one: &StoredPull,
) -> Result<Value, GraphQlError> {
    let mut all = Vec::new();
    for id in commits_between(git, object(&one.base)?, object(&one.head)?)? {
        let commit = git.find_commit(id)?;
        let message = message_of(&commit);
        let (headline, body) = message.split_once('\n').unwrap_or((&message, ""));
        let text = |name: Result<&str, git2::Error>| name.unwrap_or_default().to_owned();
        let time = |time: git2::Time| jiff::Timestamp::from_second(time.seconds()).unwrap_or_default();
        let author = json!({"__typename": "GitActor", "name": text(commit.author().name()),
            "email": text(commit.author().email())});
        let mut shown = json!({
            "__typename": "Commit", "id": node_id("Commit", id), "oid": id.to_string(), "messageHeadline": headline,
            "messageBody": body.trim(), "authoredDate": time(commit.author().when()), "committedDate": time(commit.time()),
            "authors": connection("GitActor", vec![author]),
        });
        if id.to_string() == one.head.as_str() {
            shown["statusCheckRollup"] = rollup(world, request, one);
        }
        all.push(json!({"__typename": "PullRequestCommit", "commit": shown}));
    }
    Ok(connection("PullRequestCommit", all))
}

fn files(git: &Git, one: &StoredPull) -> Result<Value, GraphQlError> {
    let head = object(&one.head)?;
    let found = changed_files(git, compare(git, object(&one.base)?, head)?.merge_base, head)?;
    let all = found.iter().map(|file| {
        json!({"__typename": "PullRequestChangedFile", "path": file.path, "additions": file.additions,
            "deletions": file.deletions, "changeType": file.status.to_uppercase()})
    });
    Ok(connection("PullRequestChangedFile", all.collect()))
}

/// The branch that it is for, compared with its own head; `null` where it is gone.
fn base_ref(world: &EmulatedWorld, git: &Git, one: &StoredPull) -> Result<Value, GraphQlError> {
    let Some(tip) = branch_tip(git, &one.base_branch) else { return Ok(Value::Null) };
    let compared = compare(git, tip, object(&one.head)?)?;
    let status = match (compared.ahead.len(), compared.behind) {
        (0, 0) => "IDENTICAL",
        (0, _) => "BEHIND",
        (_, 0) => "AHEAD",
        _ => "DIVERGED",
    };
    let repository = world.repository(&one.repo)?;
    let mut rules =
        repository.rules_of(&one.base_branch).filter(|rule| rule.kind != RuleKind::Ruleset).peekable();
    let rule = rules.peek().is_some().then(|| {
        let rules: Vec<_> = rules.collect();
        json!({
            "__typename": "BranchProtectionRule", "requiresStrictStatusChecks": rules.iter().any(|rule| rule.strict),
            "requiredApprovingReviewCount": rules.iter().map(|rule| rule.required_reviews).max(),
        })
    });
    // Others name the head as `owner:branch`.
    let name = if one.head_repo == one.repo { one.head_branch.clone() } else { one.label() };
    let mut all = json!({
        "__typename": "Ref", "id": node_id("Ref", format!("{}:{}", repository.id, one.base_branch)),
        "name": one.base_branch, "prefix": "refs/heads/", "branchProtectionRule": rule,
    });
    all[Asked::slot_of("compare", &json!({ "headRef": name }))] = json!({
        "__typename": "Comparison", "aheadBy": compared.ahead.len(), "behindBy": compared.behind, "status": status,
    });
    Ok(all)
}

/// The checks and statuses of its head; `null` where there are none.
fn rollup(world: &EmulatedWorld, request: &ApiRequest, one: &StoredPull) -> Value {
    let now = world.now;
    let required = world.repository(&one.repo).map(|repo| repo.required_checks(&one.base_branch));
    let required = required.unwrap_or_default();
    let mut contexts = Vec::new();
    for run in world.runs_on(&one.repo, &one.head) {
        for job in run.jobs.iter().filter(|job| job.state(now) != JobState::Absent) {
            let state = job.state(now);
            let page = format!("/{}/actions/runs/{}/job/{}", one.repo, run.id, job.id);
            let workflow = json!({"__typename": "Workflow", "name": run.workflow.trim_end_matches(".yml"),
                "databaseId": workflow_id(&run.workflow)});
            contexts.push(json!({
                "__typename": "CheckRun", "id": node_id("CheckRun", job.id), "name": job.name,
                "status": state.status().to_uppercase(), "conclusion": state.conclusion().map(str::to_uppercase),
                "startedAt": job.appears_at, "completedAt": job.ended(now), "detailsUrl": request.links.web(&page),
                "isRequired": required.contains(&job.name),
                "checkSuite": {"__typename": "CheckSuite", "workflowRun": {"__typename": "WorkflowRun",
                    "event": run.event.as_str(), "databaseId": run.id, "workflow": workflow}},
            }));
        }
    }
    for status in world.statuses_on(&one.repo, one.head.as_str()) {
        contexts.push(json!({
            "__typename": "StatusContext", "id": node_id("Status", status.id), "context": status.context,
            "state": status.state.to_uppercase(), "targetUrl": status.target_url, "createdAt": status.created_at,
            "description": status.description, "isRequired": required.contains(&status.context),
        }));
    }
    if contexts.is_empty() {
        return Value::Null;
    }
    let runs: Vec<&Value> = contexts.iter().filter(|one| one["__typename"] == "CheckRun").collect();
    let statuses: Vec<&Value> = contexts.iter().filter(|one| one["__typename"] == "StatusContext").collect();
    // A run that is over counts by how it ended.
    let ran = |run: &Value| run["conclusion"].as_str().or(run["status"].as_str()).map(str::to_owned);
    let stands = |status: &Value| status["state"].as_str().map(str::to_owned);
    let counts = json!({
        "checkRunCount": runs.len(), "checkRunCountsByState": by_state("CheckRunStateCount", &runs, ran),
        "statusContextCount": statuses.len(),
        "statusContextCountsByState": by_state("StatusContextStateCount", &statuses, stands),
    });
    let mut all = connection("StatusCheckRollupContext", contexts);
    if let (Some(all), Value::Object(counts)) = (all.as_object_mut(), counts) {
        all.extend(counts);
    }
    json!({"__typename": "StatusCheckRollup", "contexts": all})
}

/// How many there are of each state.
fn by_state(kind: &str, all: &[&Value], state: impl Fn(&Value) -> Option<String>) -> Value {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    all.iter().filter_map(|one| state(one)).for_each(|state| *counts.entry(state).or_default() += 1);
    counts
        .into_iter()
        .map(|(state, count)| json!({"__typename": kind, "state": state, "count": count}))
        .collect()
}

/// Its place in the merge queue; `null` where it has none.
pub(super) fn entry(world: &EmulatedWorld, request: &ApiRequest, one: &StoredPull) -> Value {
    let Some(queued) = &one.queued else { return Value::Null };
    let others = world.pulls_of(&one.repo).filter(|other| other.base_branch == one.base_branch);
    let before = others.filter(|other| other.queued.as_ref().is_some_and(|other| other.id < queued.id));
    json!({
        "__typename": "MergeQueueEntry", "id": node_id("MergeQueueEntry", queued.id), "position": before.count() + 1,
        "state": "AWAITING_CHECKS", "enqueuedAt": queued.at, "jump": false, "solo": false,
        "enqueuer": actor(world, &request.links, &queued.by),
        "baseCommit": {"__typename": "Commit", "oid": queued.base},
        "headCommit": {"__typename": "Commit", "oid": queued.group},
    })
}

/// What happened in the merge queue.
fn timeline(world: &EmulatedWorld, links: &Links, one: &StoredPull) -> Value {
    let left = one.left_queue.iter().map(|exit| {
        json!({
            "__typename": "RemovedFromMergeQueueEvent", "id": node_id("RemovedFromMergeQueueEvent", exit.id),
            "createdAt": exit.at, "reason": exit.reason, "enqueuer": actor(world, links, &exit.by),
            "beforeCommit": {"__typename": "Commit", "oid": exit.head},
        })
    });
    connection("PullRequestTimelineItems", left.collect())
}
