//! The files of releases. A published immutable release keeps those that it has.

use serde_json::Value;

use super::releases::{release_of, whole};
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::json::{asset, release, shows};
use crate::emulator::model::{StoredAsset, StoredRelease};
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Digest, RepoName};

pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = release_of(world, request, repo)?;
    whole(world, request, one)?;
    let shown = release(world, &request.links, one);
    request.list(shown["assets"].as_array().cloned().unwrap_or_default())
}

pub(super) fn upload(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let one = release_of(world, request, repo)?.clone();
    let name = request.query("name").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ApiError::invalid("ReleaseAsset", "name", "missing_field"))?.to_owned();
    if one.immutable {
        return Err(ApiError::says(422, "Cannot upload assets to an immutable release."));
    }
    if one.assets.iter().any(|known| known.name == name) {
        return Err(ApiError::invalid("ReleaseAsset", "name", "already_exists"));
    }
    if request.file.is_empty() {
        return Err(ApiError::says(400, "Bad Content-Length: 0"));
    }
    let made = StoredAsset {
        id: world.new_id()?,
        name,
        size: request.file.len() as u64,
        digest: Some(format!("sha256:{}", Digest::of(&request.file).as_str())),
        uploaded_at: world.now,
    };
    world.keep_asset(made.id, &request.file)?;
    let answer = asset(world, &request.links, &one, &made);
    let now = world.now;
    if let Some(kept) = world.releases.get_mut(&StoredRelease::key(repo, one.id)) {
        kept.updated_at = now;
        kept.assets.push(made);
    }
    Reply::with(answer)
}

/// The release that has the file in the address, if the caller sees it.
fn holder<'w>(
    world: &'w EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> Result<(&'w StoredRelease, &'w StoredAsset), ApiError> {
    let id = request.number("asset_id")?;
    let role = world.repository(repo)?.permission(request.viewer.as_ref());
    let mut seen = world.releases_of(repo).filter(|one| shows(one, role));
    let found = seen.find_map(|one| Some((one, one.assets.iter().find(|asset| asset.id == id)?)));
    found.ok_or_else(ApiError::not_found)
}

/// What is known of a file, or the file itself for who asks for `application/octet-stream`.
pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let (one, file) = holder(world, request, repo)?;
    if request.accept.contains("application/octet-stream") {
        return Reply::file("application/octet-stream", world.asset(file)?);
    }
    Reply::with(asset(world, &request.links, one, file))
}

pub(super) fn delete(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let id = request.number("asset_id")?;
    let of = |one: &&StoredRelease| one.assets.iter().any(|asset| asset.id == id);
    let one = world.releases_of(repo).find(of).ok_or_else(ApiError::not_found)?;
    if one.immutable {
        return Err(ApiError::says(422, "Cannot delete asset from an immutable release."));
    }
    let key = StoredRelease::key(repo, one.id);
    if let Some(kept) = world.releases.get_mut(&key) {
        kept.assets.retain(|asset| asset.id != id);
    }
    Reply::empty()
}

/// Whether the repository keeps what it publishes as it is.
pub(super) fn immutable(world: &mut EmulatedWorld, _: &ApiRequest, repo: &RepoName) -> RouteResult {
    if !world.repository(repo)?.immutable_releases {
        return Err(ApiError::not_found());
    }
    Reply::with(Value::from_iter([("enabled", true), ("enforced_by_owner", false)]))
}
