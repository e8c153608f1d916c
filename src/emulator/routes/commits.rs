//! Commits and comparisons.

use git2::{Oid, Sort};
use serde_json::{Value, json};

use super::pulls::as_text;
use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::git::{self, changed_files, resolve};
use crate::emulator::json::{commit, encode, file};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// 422 for a commit that is not there.
pub(super) fn no_commit(name: &str) -> ApiError {
    ApiError::says(422, format!("No commit found for SHA: {name}"))
}

fn is_text(request: &ApiRequest) -> bool {
    ["diff", "patch"].iter().any(|form| request.wants(form))
}

/// `GET …/commits/{ref}`
pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let name = request.value("ref")?;
    let git = world.git(repo)?;
    let id = resolve(&git, name).ok_or_else(|| no_commit(name))?;
    let one = git.find_commit(id)?;
    if let (true, Ok(parent)) = (is_text(request), one.parent_id(0)) {
        return as_text(request, &git, parent, id);
    }
    let files = changed_files(&git, one.parent_id(0).ok(), id)?;
    let mut whole = commit(&request.links, repo, &one);
    let (additions, deletions) =
        files.iter().fold((0, 0), |(plus, minus), file| (plus + file.additions, minus + file.deletions));
    whole["stats"] = json!({"additions": additions, "deletions": deletions, "total": additions + deletions});
    whole["files"] = files.iter().map(|one| file(&request.links, repo, id, one)).collect();
    Reply::with(whole)
}

/// `GET …/commits`
pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let git = world.git(repo)?;
    let start = request.query("sha").unwrap_or(&world.repository(repo)?.default_branch);
    let start = resolve(&git, start).ok_or_else(ApiError::not_found)?;
    let mut walk = git.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
    walk.push(start)?;
    // Only what the asked page and the question "is there more" need.
    let number = |name| request.query(name).and_then(|text| text.parse::<usize>().ok());
    let enough = number("per_page").unwrap_or(30).min(100) * number("page").unwrap_or(1) + 1;
    let mut found = Vec::new();
    for id in walk {
        let id = id?;
        if touches(&git, id, request.query("path"))? {
            found.push(commit(&request.links, repo, &git.find_commit(id)?));
        }
        if found.len() >= enough {
            break;
        }
    }
    request.list(found)
}

/// Whether a commit changes a path against its first parent.
fn touches(git: &git2::Repository, id: Oid, path: Option<&str>) -> Result<bool, git2::Error> {
    let Some(path) = path else { return Ok(true) };
    let at = |commit: &git2::Commit<'_>| {
        commit.tree().ok().and_then(|tree| Some(tree.get_path(std::path::Path::new(path)).ok()?.id()))
    };
    let commit = git.find_commit(id)?;
    let before = commit.parent(0).ok().and_then(|parent| at(&parent));
    Ok(at(&commit) != before)
}

/// `GET …/compare/{basehead}`
pub(super) fn compare(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let range = request.value("basehead")?;
    let git = world.git(repo)?;
    let (base, head) = range.split_once("...").ok_or_else(ApiError::not_found)?;
    // `owner:branch` names a branch of a fork; within one repository the owner says nothing new.
    let plain =
        |name: &str| name.rsplit_once(':').map_or_else(|| name.to_owned(), |(_, name)| name.to_owned());
    let base_id = resolve(&git, &plain(base)).ok_or_else(ApiError::not_found)?;
    let head_id = resolve(&git, &plain(head)).ok_or_else(ApiError::not_found)?;
    if is_text(request) {
        return as_text(request, &git, base_id, head_id);
    }
    let found = git::compare(&git, base_id, head_id)?;
    let merge_base = found.merge_base.ok_or_else(ApiError::not_found)?;
    let status = match (found.ahead.len(), found.behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let mut commits = Vec::new();
    for id in found.ahead.iter().take(250) {
        commits.push(commit(&request.links, repo, &git.find_commit(*id)?));
    }
    let files: Vec<Value> = changed_files(&git, Some(merge_base), head_id)?
        .iter()
        .take(300)
        .map(|one| file(&request.links, repo, head_id, one))
        .collect();
    let html = request.links.web(&format!("/{repo}/compare/{}", encode(range)));
    Reply::with(json!({
        "url": request.links.api(&format!("/repos/{repo}/compare/{}", encode(range))), "html_url": html,
        "permalink_url": html, "diff_url": format!("{html}.diff"), "patch_url": format!("{html}.patch"),
        "base_commit": commit(&request.links, repo, &git.find_commit(base_id)?),
        "merge_base_commit": commit(&request.links, repo, &git.find_commit(merge_base)?), "status": status,
        "ahead_by": found.ahead.len(), "behind_by": found.behind, "total_commits": found.ahead.len(),
        "commits": commits, "files": files,
    }))
}
