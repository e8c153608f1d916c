//! Repositories, their releases, rulesets and merge queues.

use serde_json::{Value, json};

use super::document::{Asked, Selected, fields};
use super::error::GraphQlError;
use super::facts::{actor, facts, label};
use super::project::{connection, none_of};
use super::pull::{entry, pull};
use crate::emulator::json::node_id;
use crate::emulator::model::{StoredPull, StoredRelease, StoredRepository};
use crate::emulator::routes::ApiRequest;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// A repository, with those of its fields that depend on arguments.
pub(super) fn repository(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    name: &RepoName,
    selected: &[Selected],
) -> Result<Value, GraphQlError> {
    let one = world.repository(name)?.clone();
    let mut all = facts(world, request, &one);
    if let Some(parent) = one.parent().and_then(|parent| world.repositories.get(parent.as_str())) {
        all["parent"] = facts(world, request, parent);
    }
    for asked in fields(selected) {
        let found = match asked.name.as_str() {
            "pullRequest" => pull_of(world, request, name, asked)?,
            "pullRequests" => pulls_of(world, request, name, asked)?,
            "release" => release_of(world, request, &one, asked.text("tagName")),
            "releases" => releases_of(world, request, &one),
            "latestRelease" => latest(world, request, &one),
            "rulesets" => rulesets(&one),
            "assignableUsers" => assignable(world, request, &one),
            "labels" => labels(world, request, &one),
            "milestones" => none_of("Milestone"),
            "mergeQueue" => queue(world, request, &one, asked.text("branch")),
            _ => continue,
        };
        all[asked.slot()] = found;
    }
    Ok(all)
}

fn pull_of(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
    asked: &Asked,
) -> Result<Value, GraphQlError> {
    let number = asked.argument("number").as_u64().unwrap_or(0);
    let Some(key) = world.pull(repo, number).map(StoredPull::document) else {
        let message = format!("Could not resolve to a PullRequest with the number of {number}.");
        return Err(GraphQlError::field("NOT_FOUND", message));
    };
    pull(world, request, &key)
}

fn pulls_of(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
    asked: &Asked,
) -> Result<Value, GraphQlError> {
    let states: Vec<&str> = match asked.argument("states") {
        Value::Array(states) => states.iter().filter_map(Value::as_str).collect(),
        Value::String(state) => vec![state.as_str()],
        _ => Vec::new(),
    };
    let says = |name: &str, value: &str| asked.argument(name).as_str().is_none_or(|wanted| wanted == value);
    let fits = |one: &&StoredPull| {
        (states.is_empty() || states.contains(&super::pull::state(one)))
            && says("baseRefName", &one.base_branch)
            && says("headRefName", &one.head_branch)
    };
    let mut keys: Vec<String> = world.pulls_of(repo).filter(fits).map(StoredPull::document).collect();
    if asked.argument("orderBy")["direction"] == json!("DESC") {
        keys.reverse();
    }
    let nodes: Result<Vec<Value>, _> = keys.iter().map(|key| pull(world, request, key)).collect();
    Ok(connection("PullRequest", nodes?))
}

fn release(request: &ApiRequest, repository: &StoredRepository, one: &StoredRelease) -> Value {
    json!({
        "__typename": "Release", "id": node_id("Release", one.id), "databaseId": one.id, "name": one.name,
        "tagName": one.tag, "description": one.body, "isDraft": one.published_at().is_none(),
        "isLatest": repository.latest == Some(one.id), "isPrerelease": one.prerelease, "immutable": one.immutable,
        "createdAt": one.created_at, "publishedAt": one.published_at(), "updatedAt": one.updated_at,
        "url": request.links.web(&format!("/{}/releases/tag/{}", one.repo, one.tag)),
    })
}

/// The releases that the caller sees, newest first.
fn seen<'w>(
    world: &'w EmulatedWorld,
    request: &ApiRequest,
    repository: &StoredRepository,
) -> Vec<&'w StoredRelease> {
    let role = repository.permission(request.viewer.as_ref());
    let all = world.releases_of(&repository.name);
    let mut seen: Vec<&StoredRelease> = all.filter(|one| crate::emulator::json::shows(one, role)).collect();
    seen.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.id)));
    seen
}

fn releases_of(world: &EmulatedWorld, request: &ApiRequest, repository: &StoredRepository) -> Value {
    let all = seen(world, request, repository);
    connection("Release", all.into_iter().map(|one| release(request, repository, one)).collect())
}

fn release_of(
    world: &EmulatedWorld,
    request: &ApiRequest,
    repository: &StoredRepository,
    tag: &str,
) -> Value {
    let found = seen(world, request, repository).into_iter().find(|one| one.tag == tag);
    found.map_or(Value::Null, |one| release(request, repository, one))
}

fn latest(world: &EmulatedWorld, request: &ApiRequest, repository: &StoredRepository) -> Value {
    let found = world.releases_of(&repository.name).find(|one| repository.latest == Some(one.id));
    found.map_or(Value::Null, |one| release(request, repository, one))
}

/// Who can be assigned and asked: its collaborators.
fn assignable(world: &EmulatedWorld, request: &ApiRequest, repository: &StoredRepository) -> Value {
    let all =
        world.accounts.values().filter(|one| one.kind.as_str() == "User" && repository.has_collaborator(one));
    connection("User", all.map(|one| actor(world, &request.links, &one.login)).collect())
}

/// The labels that its pull requests have. An emulated repository begins without any.
fn labels(world: &EmulatedWorld, request: &ApiRequest, repository: &StoredRepository) -> Value {
    let mut names: Vec<&String> = world.pulls_of(&repository.name).flat_map(|one| &one.labels).collect();
    names.sort();
    names.dedup();
    connection("Label", names.into_iter().map(|name| label(request, &repository.name, name)).collect())
}

fn rulesets(repository: &StoredRepository) -> Value {
    let all = crate::emulator::json::rulesets(repository);
    let shown = all.iter().map(|one| {
        let rules = one.rules(repository);
        let rules = rules.iter().map(|rule| json!({"__typename": "RepositoryRule", "type": rule["type"]}));
        json!({
            "__typename": "RepositoryRuleset", "databaseId": one.number, "name": one.name(),
            "target": one.target().to_uppercase(), "enforcement": "ACTIVE",
            "source": {"__typename": "Repository", "nameWithOwner": repository.name},
            "rules": connection("RepositoryRule", rules.collect()),
        })
    });
    connection("RepositoryRuleset", shown.collect())
}

/// The merge queue of a branch, if it has one.
pub(super) fn queue(
    world: &EmulatedWorld,
    request: &ApiRequest,
    repository: &StoredRepository,
    branch: &str,
) -> Value {
    let branch = if branch.is_empty() { repository.default_branch.as_str() } else { branch };
    let Some(method) = repository.queue_of(branch) else { return Value::Null };
    let queued = world.pulls_of(&repository.name).filter(|one| one.base_branch == branch);
    let mut entries: Vec<(u64, Value)> =
        queued.filter_map(|one| Some((one.queued.as_ref()?.id, entry(world, request, one)))).collect();
    entries.sort_by_key(|(id, _)| *id);
    json!({
        "__typename": "MergeQueue", "id": node_id("MergeQueue", format!("{}:{branch}", repository.id)),
        "url": request.links.web(&format!("/{}/queue/{branch}", repository.name)),
        "entries": connection("MergeQueueEntry", entries.into_iter().map(|(_, entry)| entry).collect()),
        "configuration": {
            "__typename": "MergeQueueConfiguration", "mergeMethod": method.as_enum(), "mergingStrategy": "ALLGREEN",
            "checkResponseTimeout": 60,
        },
    })
}
