//! Labels and comments of pull requests (GitHub's issue routes). Refused in temporary private forks with 404.

use serde_json::{Value, json};

use super::pulls::key;
use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::json::{comment, label, user};
use crate::emulator::model::Comment;
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Issues.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    let ["issues", number, rest @ ..] = path else { return None };
    Some(route(world, call, repo, number, rest))
}

fn route(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    number: &str,
    rest: &[&str],
) -> Result<Reply, ApiError> {
    if world.repository(repo)?.is_workspace() {
        return Err(ApiError::not_found());
    }
    let key = key(world, repo, number)?;
    match (call.method, rest) {
        (Method::Get, []) => show(world, call, &key),
        (Method::Get, ["labels"]) => labels(world, call, &key, 200),
        (Method::Post, ["labels"]) => add_labels(world, call, repo, &key),
        (Method::Delete, ["labels", name]) => remove_label(world, call, repo, &key, name),
        (Method::Get, ["comments"]) => comments(world, call, &key),
        (Method::Post, ["comments"]) => add_comment(world, call, &key),
        _ => Err(ApiError::not_found()),
    }
}

fn show(world: &EmulatedWorld, call: &ApiRequest, key: &str) -> Result<Reply, ApiError> {
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    let mut whole = crate::emulator::json::pull(world, &call.links, one, call.viewer.as_ref());
    let url = call.links.api(&format!("/repos/{}/issues/{}", one.repo, one.number));
    let pull = json!({"url": whole["url"], "html_url": whole["html_url"], "diff_url": whole["diff_url"],
        "patch_url": whole["patch_url"], "merged_at": whole["merged_at"]});
    for (field, value) in [
        ("labels_url", json!(format!("{url}/labels{{/name}}"))),
        ("events_url", json!(format!("{url}/events"))),
        ("repository_url", json!(call.links.api(&format!("/repos/{}", one.repo)))),
        ("comments", json!(one.comments.len())),
        ("user", user(world, &call.links, &one.author)),
        ("pull_request", pull),
        ("url", json!(url)),
    ] {
        whole[field] = value;
    }
    Reply::ok(whole)
}

fn labels(world: &EmulatedWorld, call: &ApiRequest, key: &str, status: u16) -> Result<Reply, ApiError> {
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    let all: Vec<Value> = one.labels.iter().map(|name| label(&call.links, &one.repo, name)).collect();
    Reply::with(status, Value::Array(all))
}

fn add_labels(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    key: &str,
) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Write)?;
    let bare = call.body.as_array();
    let bare = bare.map(|list| list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect());
    let wanted: Vec<String> = call.texts("labels").or(bare).unwrap_or_default();
    if let Some(one) = world.pulls.get_mut(key) {
        for name in wanted {
            if !one.labels.contains(&name) {
                one.labels.push(name);
            }
        }
    }
    labels(world, call, key, 200)
}

fn remove_label(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    key: &str,
    name: &str,
) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Write)?;
    let one = world.pulls.get_mut(key).ok_or_else(ApiError::not_found)?;
    if !one.labels.iter().any(|label| label == name) {
        return Err(ApiError::says(404, "Label does not exist"));
    }
    one.labels.retain(|label| label != name);
    labels(world, call, key, 200)
}

fn comments(world: &EmulatedWorld, call: &ApiRequest, key: &str) -> Result<Reply, ApiError> {
    let one = world.pulls.get(key).ok_or_else(ApiError::not_found)?;
    call.list(one.comments.iter().map(|each| comment(world, &call.links, one, each)).collect())
}

fn add_comment(world: &mut EmulatedWorld, call: &ApiRequest, key: &str) -> Result<Reply, ApiError> {
    let author = call.login()?;
    let body = call.required("IssueComment", "body")?.to_owned();
    let fresh = Comment { id: world.new_id()?, author, body, created_at: world.now };
    let shown = world.pulls.get(key).map(|one| comment(world, &call.links, one, &fresh));
    if let Some(one) = world.pulls.get_mut(key) {
        one.comments.push(fresh);
    }
    Reply::created(shown.unwrap_or_default())
}
