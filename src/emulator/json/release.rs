//! Releases and their assets.

use serde_json::{Value, json};

use super::{Links, encode, node_id, user};
use crate::emulator::model::{StoredAsset, StoredRelease};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;

/// A release.
pub(crate) fn release(world: &EmulatedWorld, links: &Links, release: &StoredRelease) -> Value {
    let (repo, id, tag) = (&release.repo, release.id, encode(&release.tag));
    let api = links.api(&format!("/repos/{repo}"));
    let html = links.web(&format!("/{repo}"));
    let draft = release.published_at().is_none();
    let assets: Vec<Value> = release.assets.iter().map(|one| asset(world, links, release, one)).collect();
    json!({
        "url": format!("{api}/releases/{id}"), "assets_url": format!("{api}/releases/{id}/assets"),
        "upload_url": format!("{api}/releases/{id}/assets{{?name,label}}"),
        "html_url": format!("{html}/releases/tag/{tag}"), "id": id, "node_id": node_id("Release", id),
        "tag_name": release.tag, "target_commitish": release.target, "name": release.name,
        "body": release.body, "draft": draft, "prerelease": release.prerelease, "immutable": release.immutable,
        "created_at": release.created_at, "updated_at": release.updated_at,
        "published_at": release.published_at(), "author": user(world, links, &release.author),
        "assets": assets,
        "tarball_url": (!draft).then(|| format!("{api}/tarball/{tag}")),
        "zipball_url": (!draft).then(|| format!("{api}/zipball/{tag}")),
    })
}

/// A file of a release.
pub(crate) fn asset(
    world: &EmulatedWorld,
    links: &Links,
    release: &StoredRelease,
    asset: &StoredAsset,
) -> Value {
    let (repo, id) = (&release.repo, asset.id);
    let (tag, name) = (encode(&release.tag), encode(&asset.name));
    json!({
        "url": links.api(&format!("/repos/{repo}/releases/assets/{id}")), "id": id,
        "node_id": node_id("ReleaseAsset", id), "name": asset.name, "label": null,
        "uploader": user(world, links, &release.author), "content_type": "application/octet-stream",
        "state": "uploaded", "size": asset.size, "digest": asset.digest, "download_count": 0,
        "created_at": asset.uploaded_at, "updated_at": asset.uploaded_at,
        "browser_download_url": links.web(&format!("/{repo}/releases/download/{tag}/{name}")),
    })
}

/// Whether a caller with this permission sees the release: drafts need push access.
pub(crate) fn shows(release: &StoredRelease, permission: Option<Role>) -> bool {
    release.published_at().is_some() || permission >= Some(Role::Write)
}
