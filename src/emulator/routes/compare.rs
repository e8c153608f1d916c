//! Commits and comparisons.

use git2::{Oid, Sort};
use serde_json::{Value, json};

use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::git::{changed_files, compare, resolve};
use crate::emulator::json::{commit, encode, file};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Commits. `check-runs`, `status` and `statuses` below a commit are answered elsewhere.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    match (call.method, path) {
        (Method::Get, ["compare", range @ ..]) => Some(comparison(world, call, repo, &range.join("/"))),
        (Method::Get, ["commits"]) => Some(list(world, call, repo)),
        (Method::Get, ["commits", .., "check-runs" | "status" | "statuses" | "check-suites"]) => None,
        (Method::Get, ["commits", name @ ..]) => Some(show(world, call, repo, &name.join("/"))),
        _ => None,
    }
}

fn missing(name: &str) -> ApiError {
    ApiError::says(422, format!("No commit found for SHA: {name}"))
}

fn show(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName, name: &str) -> Result<Reply, ApiError> {
    let git = world.git(repo)?;
    let id = resolve(&git, name).ok_or_else(|| missing(name))?;
    let one = git.find_commit(id)?;
    let files = changed_files(&git, one.parent_id(0).ok(), id)?;
    let mut whole = commit(&call.links, repo, &one);
    let (additions, deletions) =
        files.iter().fold((0, 0), |(plus, minus), file| (plus + file.additions, minus + file.deletions));
    whole["stats"] = json!({"additions": additions, "deletions": deletions, "total": additions + deletions});
    whole["files"] = files.iter().map(|one| file(&call.links, repo, id, one)).collect();
    Reply::ok(whole)
}

fn list(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let git = world.git(repo)?;
    let start = call.parameter("sha").unwrap_or(&world.repository(repo)?.default_branch);
    let start = resolve(&git, start).ok_or_else(ApiError::not_found)?;
    let mut walk = git.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
    walk.push(start)?;
    // Only what the asked page and the question "is there more" need.
    let number = |name| call.parameter(name).and_then(|text| text.parse::<usize>().ok());
    let enough = number("per_page").unwrap_or(30).min(100) * number("page").unwrap_or(1) + 1;
    let mut found = Vec::new();
    for id in walk {
        let id = id?;
        if touches(&git, id, call.parameter("path"))? {
            found.push(commit(&call.links, repo, &git.find_commit(id)?));
        }
        if found.len() >= enough {
            break;
        }
    }
    call.list(found)
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

fn comparison(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    range: &str,
) -> Result<Reply, ApiError> {
    let git = world.git(repo)?;
    let (base, head) = range.split_once("...").ok_or_else(ApiError::not_found)?;
    // `owner:branch` names a branch of a fork; within one repository the owner says nothing new.
    let plain =
        |name: &str| name.rsplit_once(':').map_or_else(|| name.to_owned(), |(_, name)| name.to_owned());
    let base_id = resolve(&git, &plain(base)).ok_or_else(ApiError::not_found)?;
    let head_id = resolve(&git, &plain(head)).ok_or_else(ApiError::not_found)?;
    let found = compare(&git, base_id, head_id)?;
    let merge_base = found.merge_base.ok_or_else(ApiError::not_found)?;
    let status = match (found.ahead.len(), found.behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let mut commits = Vec::new();
    for id in found.ahead.iter().take(250) {
        commits.push(commit(&call.links, repo, &git.find_commit(*id)?));
    }
    let files: Vec<Value> = changed_files(&git, Some(merge_base), head_id)?
        .iter()
        .take(300)
        .map(|one| file(&call.links, repo, head_id, one))
        .collect();
    let html = call.links.web(&format!("/{repo}/compare/{}", encode(range)));
    Reply::ok(json!({
        "url": call.links.api(&format!("/repos/{repo}/compare/{}", encode(range))), "html_url": html,
        "permalink_url": html, "diff_url": format!("{html}.diff"), "patch_url": format!("{html}.patch"),
        "base_commit": commit(&call.links, repo, &git.find_commit(base_id)?),
        "merge_base_commit": commit(&call.links, repo, &git.find_commit(merge_base)?), "status": status,
        "ahead_by": found.ahead.len(), "behind_by": found.behind, "total_commits": found.ahead.len(),
        "commits": commits, "files": files,
    }))
}
