//! What a query can change. What the other interface can do as well is done by it, with its refusals.

use serde_json::{Value, json};

use super::super::assessment::{gate, tips};
use super::super::{issues, merging, pulls, reviews};
use super::document::Asked;
use super::editing::edit;
use super::error::GraphQlError;
use super::pull::{entry, pull};
use super::subject::{forbidden, pull_of, rest, seen};
use crate::emulator::ci::{QueueWish, enqueue as join_queue};
use crate::emulator::json::node_id;
use crate::emulator::model::{QueueExit, RuleVerdict, StoredPull};
use crate::emulator::reactions::observe;
use crate::emulator::routes::ApiRequest;
use crate::emulator::spec::ProtectionSpec;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Carries out one mutation.
pub(super) fn carry_out(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    asked: &Asked,
) -> Result<Value, GraphQlError> {
    let input = asked.argument("input").clone();
    let (repo, mut done) = match asked.name.as_str() {
        "createPullRequest" => create(world, request, &input)?,
        "mergePullRequest" => merge(world, request, &input)?,
        "closePullRequest" => close(world, request, &input)?,
        "enqueuePullRequest" => enqueue(world, request, &input)?,
        "dequeuePullRequest" => dequeue(world, request, &input)?,
        "addComment" => comment(world, request, &input)?,
        "addPullRequestReview" => review(world, request, &input)?,
        // The emulated repositories do not allow it, which is GitHub's own default.
        "enablePullRequestAutoMerge" => {
            let message = "Pull request Auto merge is not allowed for this repository";
            return Err(GraphQlError::field("UNPROCESSABLE", message));
        }
        other => edit(world, request, other, &input)?,
    };
    observe(world, &repo, &request.login().map_err(GraphQlError::from_rest)?)?;
    done["clientMutationId"] = input["clientMutationId"].clone();
    Ok(done)
}

fn create(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    input: &Value,
) -> Result<(RepoName, Value), GraphQlError> {
    let of_id = |world: &EmulatedWorld, id: &Value| {
        let mut all = world.repositories.values();
        let found = all.find(|one| json!(node_id("Repository", one.id)) == *id);
        found.filter(|one| one.permission(request.viewer.as_ref()).is_some()).map(|one| one.name.clone())
    };
    let missing = || GraphQlError::field("NOT_FOUND", "Could not resolve to a node with that global id");
    let repo = of_id(world, &input["repositoryId"]).ok_or_else(missing)?;
    let mut body = json!({
        "title": input["title"], "body": input["body"], "base": input["baseRefName"], "head": input["headRefName"],
        "draft": input["draft"], "maintainer_can_modify": input["maintainerCanModify"],
    });
    if let Some(head) = of_id(world, &input["headRepositoryId"]) {
        body["head_repo"] = json!(head);
    }
    let wish = rest(request, &[], body);
    let made = pulls::create(world, &wish, &repo).map_err(GraphQlError::from_rest)?;
    let number = made.body().and_then(|body| body["number"].as_u64()).unwrap_or_default();
    let shown = pull(world, request, &StoredPull::key(&repo, number))?;
    Ok((repo, json!({"__typename": "CreatePullRequestPayload", "pullRequest": shown})))
}

fn merge(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    input: &Value,
) -> Result<(RepoName, Value), GraphQlError> {
    let one = pull_of(world, request, &input["pullRequestId"], "MergePullRequest")?;
    let mut body = json!({"merge_method": input["mergeMethod"].as_str().unwrap_or("MERGE").to_lowercase()});
    let texts =
        [("commit_title", "commitHeadline"), ("commit_message", "commitBody"), ("sha", "expectedHeadOid")];
    for (to, from) in texts {
        if let Some(text) = input[from].as_str() {
            body[to] = json!(text);
        }
    }
    let wish = rest(request, &[("pull_number", one.number.to_string())], body);
    merging::merge(world, &wish, &one.repo).map_err(GraphQlError::from_rest)?;
    let shown = pull(world, request, &one.document())?;
    Ok((one.repo, json!({"__typename": "MergePullRequestPayload", "pullRequest": shown})))
}

fn close(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    input: &Value,
) -> Result<(RepoName, Value), GraphQlError> {
    let one = pull_of(world, request, &input["pullRequestId"], "ClosePullRequest")?;
    let wish = rest(request, &[("pull_number", one.number.to_string())], json!({"state": "closed"}));
    pulls::change(world, &wish, &one.repo).map_err(GraphQlError::from_rest)?;
    let shown = pull(world, request, &one.document())?;
    Ok((one.repo, json!({"__typename": "ClosePullRequestPayload", "pullRequest": shown})))
}

/// Adds a pull request to the merge queue, with the refusals that were seen in public logs: they begin with the words
/// "Pull request".
fn enqueue(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    input: &Value,
) -> Result<(RepoName, Value), GraphQlError> {
    const NAME: &str = "EnqueuePullRequest";
    let one = pull_of(world, request, &input["pullRequestId"], NAME)?;
    let login = request.login().map_err(GraphQlError::from_rest)?;
    let refused = |message: &str| GraphQlError::field("UNPROCESSABLE", format!("Pull request {message}"));
    let repository = world.repository(&one.repo)?;
    let method = repository.queue_of(&one.base_branch).ok_or_else(|| refused("has no merge queue"))?;
    let shuts_out =
        |rule: &ProtectionSpec| rule.may_enqueue.as_ref().is_some_and(|may| !may.contains(&login));
    if repository.rules_of(&one.base_branch).any(shuts_out) {
        return Err(forbidden(&login, NAME));
    }
    if !one.is_open() || one.draft {
        return Err(refused("is not mergeable"));
    }
    if one.queued.is_some() {
        return Err(refused("is already in the queue"));
    }
    if input["expectedHeadOid"].as_str().is_some_and(|head| head != one.head.as_str()) {
        return Err(refused("Head branch was modified. Review and try the merge again."));
    }
    let git = world.git(&one.repo)?;
    let tips = tips(&git, &one)?;
    let verdict = gate(world, &one, &git, &tips)?;
    // A queue brings what it merges up to date by itself.
    if let Some(message) = verdict.message()
        && !matches!(verdict, RuleVerdict::Queue | RuleVerdict::Behind)
    {
        return Err(refused(&message));
    }
    let message = merging::message(None, &git, &one, &tips, method).map_err(GraphQlError::from_rest)?;
    if !join_queue(world, &one.document(), QueueWish { by: login, method, message })? {
        return Err(refused("has conflicts with what is before it"));
    }
    let queued = world.pulls.get(&one.document()).cloned().unwrap_or(one);
    let shown = entry(world, request, &queued);
    Ok((queued.repo, json!({"__typename": "EnqueuePullRequestPayload", "mergeQueueEntry": shown})))
}

fn dequeue(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    input: &Value,
) -> Result<(RepoName, Value), GraphQlError> {
    // The input names the pull request as `id` here, and as `pullRequestId` everywhere else.
    let one = pull_of(world, request, &input["id"], "DequeuePullRequest")?;
    let Some(queued) = one.queued.clone() else {
        return Err(GraphQlError::field("UNPROCESSABLE", "Pull request is not in the queue"));
    };
    let shown = entry(world, request, &one);
    let (id, at) = (world.new_id()?, world.now);
    if let Some(pull) = world.pulls.get_mut(&one.document()) {
        pull.queued = None;
        pull.left_queue.push(QueueExit {
            id,
            at,
            by: queued.by,
            head: queued.head,
            reason: "manual".to_owned(),
        });
    }
    Ok((one.repo, json!({"__typename": "DequeuePullRequestPayload", "mergeQueueEntry": shown})))
}

fn comment(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    input: &Value,
) -> Result<(RepoName, Value), GraphQlError> {
    let one = seen(world, request, &input["subjectId"])?;
    let wish = rest(request, &[("issue_number", one.number.to_string())], json!({"body": input["body"]}));
    let made = issues::add_comment(world, &wish, &one.repo).map_err(GraphQlError::from_rest)?;
    let url = made.body().map(|body| body["html_url"].clone());
    let edge = json!({"__typename": "IssueCommentEdge", "node": {"__typename": "IssueComment", "url": url}});
    Ok((one.repo, json!({"__typename": "AddCommentPayload", "commentEdge": edge})))
}

fn review(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    input: &Value,
) -> Result<(RepoName, Value), GraphQlError> {
    let one = seen(world, request, &input["pullRequestId"])?;
    let body = json!({"event": input["event"], "body": input["body"]});
    let wish = rest(request, &[("pull_number", one.number.to_string())], body);
    reviews::create(world, &wish, &one.repo)
        .map_err(|error| GraphQlError::from_rest(error).about("Review"))?;
    Ok((one.repo, json!({"__typename": "AddPullRequestReviewPayload"})))
}
