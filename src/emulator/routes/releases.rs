//! Releases and the label "latest".

use git2::Oid;
use serde_json::Value;

use super::references::refuse_new;
use super::release_notes::notes;
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::git::{read_ref, resolve, set_ref};
use crate::emulator::json::{release, shows};
use crate::emulator::model::{MakeLatest, ReleaseState, StoredRelease};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// The release in the address.
pub(super) fn release_of<'a>(
    world: &'a EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> Result<&'a StoredRelease, ApiError> {
    release_in(world, &StoredRelease::key(repo, request.number("release_id")?))
}

fn release_in<'a>(world: &'a EmulatedWorld, key: &str) -> Result<&'a StoredRelease, ApiError> {
    world.releases.get(key).ok_or_else(ApiError::not_found)
}

/// One release, if the caller sees it.
pub(super) fn whole(world: &EmulatedWorld, request: &ApiRequest, one: &StoredRelease) -> RouteResult {
    let role = world.repository(&one.repo)?.permission(request.viewer.as_ref());
    if !shows(one, role) {
        return Err(ApiError::not_found());
    }
    Reply::with(release(world, &request.links, one))
}

pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    whole(world, request, release_of(world, request, repo)?)
}

pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let role = world.repository(repo)?.permission(request.viewer.as_ref());
    let mut seen: Vec<&StoredRelease> = world.releases_of(repo).filter(|one| shows(one, role)).collect();
    seen.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.id)));
    request.list(seen.iter().map(|one| release(world, &request.links, one)).collect())
}

pub(super) fn latest(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let id = world.repository(repo)?.latest.ok_or_else(ApiError::not_found)?;
    whole(world, request, release_in(world, &StoredRelease::key(repo, id))?)
}

/// The published release of a tag.
fn of_tag<'a>(world: &'a EmulatedWorld, repo: &RepoName, tag: &str) -> Option<&'a StoredRelease> {
    world.releases_of(repo).find(|one| one.tag == tag && one.published_at().is_some())
}

pub(super) fn by_tag(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = of_tag(world, repo, request.value("tag")?).ok_or_else(ApiError::not_found)?;
    whole(world, request, one)
}

fn make_latest(request: &ApiRequest) -> Result<Option<MakeLatest>, ApiError> {
    match request.body.get("make_latest") {
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

/// A published release has its tag: an existing one, or a new one on the target. A tag that an immutable release had
/// before is used up.
fn ensure_tag(
    world: &EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
    tag: &str,
    target: &str,
) -> Result<(), ApiError> {
    if world.repository(repo)?.burnt_tags.iter().any(|burnt| burnt == tag) {
        return Err(ApiError::burnt_tag());
    }
    let git = world.git(repo)?;
    let reference = format!("refs/tags/{tag}");
    if read_ref(&git, &reference).is_some() {
        return Ok(());
    }
    let invalid = || ApiError::invalid("Release", "target_commitish", "invalid");
    let commit = resolve(&git, target).ok_or_else(invalid)?;
    refuse_new(world.repository(repo)?, request, &reference)?;
    set_ref(&git, &reference, commit, Some(Oid::ZERO_SHA1))?;
    Ok(())
}

/// What the caller writes, and below it what GitHub writes if it is asked to.
fn body_of(
    world: &EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
    tag: &str,
    target: &str,
) -> Result<Option<String>, ApiError> {
    let own = request.text("body").filter(|text| !text.is_empty());
    if !request.says("generate_release_notes") {
        return Ok(own.map(str::to_owned));
    }
    let generated = notes(world, request, repo, tag, Some(target), None)?;
    Ok(Some(own.map_or_else(|| generated.clone(), |own| format!("{own}\n\n{generated}"))))
}

pub(super) fn create(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    let default = repository.default_branch.clone();
    let tag = request.required("Release", "tag_name")?.to_owned();
    let target = request.text("target_commitish").unwrap_or(&default).to_owned();
    let (draft, prerelease) = (request.says("draft"), request.says("prerelease"));
    let wish = make_latest(request)?;
    if of_tag(world, repo, &tag).is_some() {
        return Err(ApiError::invalid("Release", "tag_name", "already_exists"));
    }
    if (draft || prerelease) && wish == Some(MakeLatest::True) && request.body.get("make_latest").is_some() {
        return Err(ApiError::custom("Release", "Latest release cannot be draft or prerelease."));
    }
    if !draft {
        ensure_tag(world, request, repo, &tag, &target)?;
    }
    let body = body_of(world, request, repo, &tag, &target)?;
    let now = world.now;
    let one = StoredRelease {
        id: world.new_id()?,
        repo: repo.clone(),
        tag,
        target,
        name: request.text("name").map(str::to_owned),
        body,
        author: request.login()?,
        prerelease,
        publication: if draft { ReleaseState::Draft } else { ReleaseState::Published(now) },
        immutable: !draft && world.repository(repo)?.immutable_releases,
        created_at: now,
        updated_at: now,
        assets: Vec::new(),
    };
    let (key, id) = (StoredRelease::key(repo, one.id), one.id);
    world.releases.insert(key.clone(), one);
    if !draft {
        world.label(repo, id, wish.unwrap_or(MakeLatest::True))?;
    }
    whole(world, request, release_in(world, &key)?)
}

pub(super) fn change(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let wish = make_latest(request)?;
    let old = release_of(world, request, repo)?.clone();
    let now = world.now;
    let mut one = old.clone();
    one.tag = request.text("tag_name").map_or(one.tag, str::to_owned);
    one.target = request.text("target_commitish").map_or(one.target, str::to_owned);
    one.name = request.text("name").map(str::to_owned).or(one.name);
    one.body = request.text("body").map(str::to_owned).or(one.body);
    one.prerelease = request.body.get("prerelease").and_then(Value::as_bool).unwrap_or(one.prerelease);
    one.updated_at = now;
    one.publication = match (request.body.get("draft").and_then(Value::as_bool), one.publication) {
        (Some(false), ReleaseState::Draft) => ReleaseState::Published(now),
        (Some(true), ReleaseState::Published(_)) => ReleaseState::Draft,
        (_, unchanged) => unchanged,
    };
    let newly = old.published_at().is_none() && one.published_at().is_some();
    if wish == Some(MakeLatest::True) && !one.may_be_latest() {
        return Err(ApiError::custom("Release", "Latest release cannot be draft or prerelease."));
    }
    if old.immutable && (one.tag != old.tag || one.published_at().is_none()) {
        return Err(ApiError::says(422, "Cannot change the tag of an immutable release."));
    }
    if newly {
        ensure_tag(world, request, repo, &one.tag, &one.target)?;
        one.immutable = world.repository(repo)?.immutable_releases;
    }
    let (id, eligible) = (one.id, one.may_be_latest());
    let key = StoredRelease::key(repo, id);
    world.releases.insert(key.clone(), one);
    match wish {
        Some(wish) => world.label(repo, id, wish)?,
        None if newly => world.label(repo, id, MakeLatest::True)?,
        None if !eligible => world.relabel(repo, id)?,
        None => {}
    }
    whole(world, request, release_in(world, &key)?)
}

pub(super) fn delete(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let gone = release_of(world, request, repo)?;
    let (id, burnt) = (gone.id, gone.immutable.then(|| gone.tag.clone()));
    world.repository_mut(repo)?.burnt_tags.extend(burnt);
    world.releases.remove(&StoredRelease::key(repo, id));
    world.relabel(repo, id)?;
    Reply::empty()
}
