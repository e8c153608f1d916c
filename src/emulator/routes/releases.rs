//! Releases and the label "latest".

use git2::Oid;
use serde_json::Value;

use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::git::{read_ref, resolve, set_ref};
use crate::emulator::json::{release, shows};
use crate::emulator::model::{MakeLatest, ReleaseState, StoredRelease};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Releases.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    match (call.method, path) {
        (Method::Get, ["immutable-releases"]) => return Some(Err(ApiError::not_found())),
        (_, ["releases", ..]) => {}
        _ => return None,
    }
    Some(match (call.method, &path[1..]) {
        (Method::Get, []) => list(world, call, repo),
        (Method::Post, []) => create(world, call, repo),
        (Method::Get, ["latest"]) => latest(world, call, repo),
        (Method::Get, ["tags", tag @ ..]) => by_tag(world, call, repo, &tag.join("/")),
        (Method::Get, [id]) => find(world, repo, id).and_then(|key| show(world, call, &key, 200)),
        (Method::Patch, [id]) => find(world, repo, id).and_then(|key| change(world, call, repo, &key)),
        (Method::Delete, [id]) => find(world, repo, id).and_then(|key| delete(world, call, repo, &key)),
        (Method::Get, [id, "assets"]) => find(world, repo, id).and_then(|key| assets(world, call, &key)),
        _ => Err(ApiError::not_found()),
    })
}

fn find(world: &EmulatedWorld, repo: &RepoName, id: &str) -> Result<String, ApiError> {
    let id: u64 = id.parse().map_err(|_| ApiError::not_found())?;
    let key = StoredRelease::key(repo, id);
    world.releases.get(&key).map(|_| key).ok_or_else(ApiError::not_found)
}

fn show(world: &EmulatedWorld, call: &ApiRequest, key: &str, status: u16) -> Result<Reply, ApiError> {
    let one = world.releases.get(key).ok_or_else(ApiError::not_found)?;
    let permission = world.repository(&one.repo)?.permission(call.viewer.as_ref());
    if !shows(one, permission) {
        return Err(ApiError::not_found());
    }
    Reply::with(status, release(world, &call.links, one))
}

fn list(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let permission = world.repository(repo)?.permission(call.viewer.as_ref());
    let prefix = format!("{repo}@");
    let seen = world.releases.within(&prefix).map(|(_, one)| one).filter(|one| shows(one, permission));
    let mut seen: Vec<&StoredRelease> = seen.collect();
    seen.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.id)));
    call.list(seen.iter().map(|one| release(world, &call.links, one)).collect())
}

fn latest(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let id = world.repository(repo)?.latest.ok_or_else(ApiError::not_found)?;
    show(world, call, &StoredRelease::key(repo, id), 200)
}

fn of_tag(world: &EmulatedWorld, repo: &RepoName, tag: &str) -> Option<String> {
    let prefix = format!("{repo}@");
    let mut published =
        world.releases.within(&prefix).filter(|(_, one)| one.tag == tag && one.published_at().is_some());
    published.next().map(|(key, _)| key.clone())
}

fn by_tag(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName, tag: &str) -> Result<Reply, ApiError> {
    let key = of_tag(world, repo, tag).ok_or_else(ApiError::not_found)?;
    show(world, call, &key, 200)
}

fn assets(world: &EmulatedWorld, call: &ApiRequest, key: &str) -> Result<Reply, ApiError> {
    let one = world.releases.get(key).ok_or_else(ApiError::not_found)?;
    let shown = release(world, &call.links, one);
    call.list(shown["assets"].as_array().cloned().unwrap_or_default())
}

fn make_latest(call: &ApiRequest) -> Result<Option<MakeLatest>, ApiError> {
    match call.body.get("make_latest") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) => match word.as_str() {
            "true" => Ok(Some(MakeLatest::True)),
            "false" => Ok(Some(MakeLatest::False)),
            "legacy" => Ok(Some(MakeLatest::Legacy)),
            _ => Err(ApiError::invalid("Release", "make_latest", "invalid")),
        },
        Some(_) => Err(ApiError::says(
            422,
            "Invalid request.\n\nFor 'properties/make_latest', value is not a string.",
        )),
    }
}

/// A published release has its tag: an existing one, or a new one on the target.
fn ensure_tag(world: &EmulatedWorld, repo: &RepoName, tag: &str, target: &str) -> Result<(), ApiError> {
    let git = world.git(repo)?;
    let reference = format!("refs/tags/{tag}");
    if read_ref(&git, &reference).is_some() {
        return Ok(());
    }
    let invalid = || ApiError::invalid("Release", "target_commitish", "invalid");
    let commit = resolve(&git, target).ok_or_else(invalid)?;
    set_ref(&git, &reference, commit, Some(Oid::ZERO_SHA1))?;
    Ok(())
}

fn create(world: &mut EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let repository = call.repository_for(world, repo, Role::Write)?;
    let default = repository.default_branch.clone();
    let tag = call.required("Release", "tag_name")?.to_owned();
    let target = call.text("target_commitish").unwrap_or(&default).to_owned();
    let (draft, prerelease) = (call.says("draft"), call.says("prerelease"));
    let wish = make_latest(call)?;
    if of_tag(world, repo, &tag).is_some() {
        return Err(ApiError::invalid("Release", "tag_name", "already_exists"));
    }
    if (draft || prerelease) && wish == Some(MakeLatest::True) && call.body.get("make_latest").is_some() {
        return Err(ApiError::custom("Release", "Latest release cannot be draft or prerelease."));
    }
    if !draft {
        ensure_tag(world, repo, &tag, &target)?;
    }
    let now = world.now;
    let one = StoredRelease {
        id: world.new_id()?,
        repo: repo.clone(),
        tag,
        target,
        name: call.text("name").map(str::to_owned),
        body: call.text("body").map(str::to_owned),
        author: call.login()?,
        prerelease,
        publication: if draft { ReleaseState::Draft } else { ReleaseState::Published(now) },
        created_at: now,
        updated_at: now,
        assets: Vec::new(),
    };
    let (key, id) = (StoredRelease::key(repo, one.id), one.id);
    world.releases.insert(key.clone(), one);
    if !draft {
        world.label(repo, id, wish.unwrap_or(MakeLatest::True))?;
    }
    show(world, call, &key, 201)
}

fn change(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    key: &str,
) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Write)?;
    let wish = make_latest(call)?;
    let old = world.releases.get(key).cloned().ok_or_else(ApiError::not_found)?;
    let now = world.now;
    let mut one = old.clone();
    one.tag = call.text("tag_name").map_or(one.tag, str::to_owned);
    one.target = call.text("target_commitish").map_or(one.target, str::to_owned);
    one.name = call.text("name").map(str::to_owned).or(one.name);
    one.body = call.text("body").map(str::to_owned).or(one.body);
    one.prerelease = call.body.get("prerelease").and_then(Value::as_bool).unwrap_or(one.prerelease);
    one.updated_at = now;
    one.publication = match (call.body.get("draft").and_then(Value::as_bool), one.publication) {
        (Some(false), ReleaseState::Draft) => ReleaseState::Published(now),
        (Some(true), ReleaseState::Published(_)) => ReleaseState::Draft,
        (_, unchanged) => unchanged,
    };
    let newly = old.published_at().is_none() && one.published_at().is_some();
    if wish == Some(MakeLatest::True) && !one.may_be_latest() {
        return Err(ApiError::custom("Release", "Latest release cannot be draft or prerelease."));
    }
    if newly {
        ensure_tag(world, repo, &one.tag, &one.target)?;
    }
    let (id, eligible) = (one.id, one.may_be_latest());
    world.releases.insert(key, one);
    match wish {
        Some(wish) => world.label(repo, id, wish)?,
        None if newly => world.label(repo, id, MakeLatest::True)?,
        None if !eligible => world.relabel(repo, id)?,
        None => {}
    }
    show(world, call, key, 200)
}

fn delete(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    key: &str,
) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Write)?;
    if let Some(one) = world.releases.remove(key) {
        world.relabel(repo, one.id)?;
    }
    Reply::nothing()
}
