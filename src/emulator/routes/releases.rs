//! Releases and the label "latest".

use git2::Oid;
use serde_json::Value;

use super::{Call, Method, Refusal, Reply};
use crate::emulator::git::{read_ref, resolve, set_ref};
use crate::emulator::json::{release, shows};
use crate::emulator::model::{MakeLatest, Publication, Release};
use crate::emulator::spec::Permission;
use crate::emulator::world::World;
use crate::ids::RepoName;

/// Releases.
pub(crate) fn answer(
    world: &mut World,
    call: &Call,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, Refusal>> {
    match (call.method, path) {
        (Method::Get, ["immutable-releases"]) => return Some(Err(Refusal::not_found())),
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
        _ => Err(Refusal::not_found()),
    })
}

fn find(world: &World, repo: &RepoName, id: &str) -> Result<String, Refusal> {
    let id: u64 = id.parse().map_err(|_| Refusal::not_found())?;
    let key = Release::key(repo, id);
    world.releases.get(&key).map(|_| key).ok_or_else(Refusal::not_found)
}

fn show(world: &World, call: &Call, key: &str, status: u16) -> Result<Reply, Refusal> {
    let one = world.releases.get(key).ok_or_else(Refusal::not_found)?;
    let permission = world.repository(&one.repo)?.permission(call.viewer.as_ref());
    if !shows(one, permission) {
        return Err(Refusal::not_found());
    }
    Reply::with(status, release(world, &call.links, one))
}

fn list(world: &World, call: &Call, repo: &RepoName) -> Result<Reply, Refusal> {
    let permission = world.repository(repo)?.permission(call.viewer.as_ref());
    let prefix = format!("{repo}@");
    let seen = world.releases.within(&prefix).map(|(_, one)| one).filter(|one| shows(one, permission));
    let mut seen: Vec<&Release> = seen.collect();
    seen.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.id)));
    call.list(seen.iter().map(|one| release(world, &call.links, one)).collect())
}

fn latest(world: &World, call: &Call, repo: &RepoName) -> Result<Reply, Refusal> {
    let id = world.repository(repo)?.latest.ok_or_else(Refusal::not_found)?;
    show(world, call, &Release::key(repo, id), 200)
}

fn of_tag(world: &World, repo: &RepoName, tag: &str) -> Option<String> {
    let prefix = format!("{repo}@");
    let mut published =
        world.releases.within(&prefix).filter(|(_, one)| one.tag == tag && one.published_at().is_some());
    published.next().map(|(key, _)| key.clone())
}

fn by_tag(world: &World, call: &Call, repo: &RepoName, tag: &str) -> Result<Reply, Refusal> {
    let key = of_tag(world, repo, tag).ok_or_else(Refusal::not_found)?;
    show(world, call, &key, 200)
}

fn assets(world: &World, call: &Call, key: &str) -> Result<Reply, Refusal> {
    let one = world.releases.get(key).ok_or_else(Refusal::not_found)?;
    let shown = release(world, &call.links, one);
    call.list(shown["assets"].as_array().cloned().unwrap_or_default())
}

fn make_latest(call: &Call) -> Result<Option<MakeLatest>, Refusal> {
    match call.body.get("make_latest") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) => match word.as_str() {
            "true" => Ok(Some(MakeLatest::True)),
            "false" => Ok(Some(MakeLatest::False)),
            "legacy" => Ok(Some(MakeLatest::Legacy)),
            _ => Err(Refusal::invalid("Release", "make_latest", "invalid")),
        },
        Some(_) => Err(Refusal::says(
            422,
            "Invalid request.\n\nFor 'properties/make_latest', value is not a string.",
        )),
    }
}

/// A published release has its tag: an existing one, or a new one on the target.
fn ensure_tag(world: &World, repo: &RepoName, tag: &str, target: &str) -> Result<(), Refusal> {
    let git = world.git(repo)?;
    let reference = format!("refs/tags/{tag}");
    if read_ref(&git, &reference).is_some() {
        return Ok(());
    }
    let invalid = || Refusal::invalid("Release", "target_commitish", "invalid");
    let commit = resolve(&git, target).ok_or_else(invalid)?;
    set_ref(&git, &reference, commit, Some(Oid::ZERO_SHA1))?;
    Ok(())
}

fn create(world: &mut World, call: &Call, repo: &RepoName) -> Result<Reply, Refusal> {
    let repository = call.repository_for(world, repo, Permission::Write)?;
    let default = repository.default_branch.clone();
    let tag = call.required("Release", "tag_name")?.to_owned();
    let target = call.text("target_commitish").unwrap_or(&default).to_owned();
    let (draft, prerelease) = (call.says("draft"), call.says("prerelease"));
    let wish = make_latest(call)?;
    if of_tag(world, repo, &tag).is_some() {
        return Err(Refusal::invalid("Release", "tag_name", "already_exists"));
    }
    if (draft || prerelease) && wish == Some(MakeLatest::True) && call.body.get("make_latest").is_some() {
        return Err(Refusal::custom("Release", "Latest release cannot be draft or prerelease."));
    }
    if !draft {
        ensure_tag(world, repo, &tag, &target)?;
    }
    let now = world.now;
    let one = Release {
        id: world.new_id()?,
        repo: repo.clone(),
        tag,
        target,
        name: call.text("name").map(str::to_owned),
        body: call.text("body").map(str::to_owned),
        author: call.login()?,
        prerelease,
        publication: if draft { Publication::Draft } else { Publication::Published(now) },
        created_at: now,
        updated_at: now,
        assets: Vec::new(),
    };
    let (key, id) = (Release::key(repo, one.id), one.id);
    world.releases.insert(key.clone(), one);
    if !draft {
        world.label(repo, id, wish.unwrap_or(MakeLatest::True))?;
    }
    show(world, call, &key, 201)
}

fn change(world: &mut World, call: &Call, repo: &RepoName, key: &str) -> Result<Reply, Refusal> {
    call.repository_for(world, repo, Permission::Write)?;
    let wish = make_latest(call)?;
    let old = world.releases.get(key).cloned().ok_or_else(Refusal::not_found)?;
    let now = world.now;
    let mut one = old.clone();
    one.tag = call.text("tag_name").map_or(one.tag, str::to_owned);
    one.target = call.text("target_commitish").map_or(one.target, str::to_owned);
    one.name = call.text("name").map(str::to_owned).or(one.name);
    one.body = call.text("body").map(str::to_owned).or(one.body);
    one.prerelease = call.body.get("prerelease").and_then(Value::as_bool).unwrap_or(one.prerelease);
    one.updated_at = now;
    one.publication = match (call.body.get("draft").and_then(Value::as_bool), one.publication) {
        (Some(false), Publication::Draft) => Publication::Published(now),
        (Some(true), Publication::Published(_)) => Publication::Draft,
        (_, unchanged) => unchanged,
    };
    let newly = old.published_at().is_none() && one.published_at().is_some();
    if wish == Some(MakeLatest::True) && !one.may_be_latest() {
        return Err(Refusal::custom("Release", "Latest release cannot be draft or prerelease."));
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

fn delete(world: &mut World, call: &Call, repo: &RepoName, key: &str) -> Result<Reply, Refusal> {
    call.repository_for(world, repo, Permission::Write)?;
    if let Some(one) = world.releases.remove(key) {
        world.relabel(repo, one.id)?;
    }
    Reply::nothing()
}
