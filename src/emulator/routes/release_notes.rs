//! Release notes as GitHub writes them: what was merged since the release before.

use std::fmt::Write as _;

use serde_json::json;

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::git::{is_ancestor, object, resolve};
use crate::emulator::model::StoredPullState;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// `POST …/releases/generate-notes`
pub(super) fn generate(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let tag = request.required("Release", "tag_name")?;
    let target = request.text("target_commitish");
    let body = notes(world, request, repo, tag, target, request.text("previous_tag_name"))?;
    Reply::with(json!({"name": tag, "body": body}))
}

/// The notes of a release that is, or will be, at `tag`, since the tag `before` or the release published last.
pub(super) fn notes(
    world: &EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
    tag: &str,
    target: Option<&str>,
    before: Option<&str>,
) -> Result<String, ApiError> {
    let git = world.git(repo)?;
    let default = &world.repository(repo)?.default_branch;
    let head = resolve(&git, tag).or_else(|| resolve(&git, target.unwrap_or(default)));
    let head = head.ok_or_else(|| ApiError::invalid("Release", "target_commitish", "invalid"))?;
    let others = world.releases_of(repo).filter(|one| one.tag != tag && one.published_at().is_some());
    let last = others.max_by_key(|one| (one.published_at(), one.id)).map(|one| one.tag.clone());
    let before = before.map(str::to_owned).or(last);
    let since = before.as_deref().and_then(|tag| resolve(&git, tag));
    let mut text = String::new();
    for pull in world.pulls_of(repo) {
        let StoredPullState::Merged { commit, .. } = &pull.state else { continue };
        let merged = object(commit)?;
        let is_new = match since {
            Some(since) => !is_ancestor(&git, merged, since)?,
            None => true,
        };
        if is_new && is_ancestor(&git, merged, head)? {
            let url = request.links.web(&format!("/{repo}/pull/{}", pull.number));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "* {} by @{} in {url}", pull.title, pull.author);
        }
    }
    if !text.is_empty() {
        text = format!("## What's Changed\n{text}\n\n");
    }
    let range = before.map_or_else(|| format!("commits/{tag}"), |before| format!("compare/{before}...{tag}"));
    Ok(format!("{text}**Full Changelog**: {}", request.links.web(&format!("/{repo}/{range}"))))
}
