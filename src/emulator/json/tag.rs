//! Annotated tags (`git-tag`).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Links, node_id};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// An annotated tag.
pub(crate) fn git_tag(world: &EmulatedWorld, links: &Links, repo: &RepoName, tag: &git2::Tag<'_>) -> Value {
    let api = links.api(&format!("/repos/{repo}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let tagger = tag.tagger();
    let date = tagger.as_ref().and_then(|one| Timestamp::from_second(one.when().seconds()).ok());
    let (id, target) = (tag.id(), tag.target_id());
    let kind = tag.target_type().map_or("commit", |kind| kind.str());
    json!({
        "node_id": node_id("Tag", id), "sha": id.to_string(), "tag": text(tag.name_bytes()),
        "url": format!("{api}/git/tags/{id}"), "message": text(tag.message_bytes().unwrap_or_default()),
        "tagger": {
            "name": tagger.as_ref().map(|one| text(one.name_bytes())),
            "email": tagger.as_ref().map(|one| text(one.email_bytes())), "date": date.unwrap_or(world.now),
        },
        "object": {"sha": target.to_string(), "type": kind, "url": format!("{api}/git/{kind}s/{target}")},
        "verification": {"verified": false, "reason": "unsigned", "signature": null, "payload": null,
                         "verified_at": null},
    })
}
