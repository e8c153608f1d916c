//! Branches with their protection, rules, and the list of tags.

use serde_json::{Value, json};

use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::git::{branches, read_ref};
use crate::emulator::json::{branch, branch_short, encode, node_id, protection};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Branches and tags.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    match (call.method, path) {
        (Method::Get, ["branches"]) => Some(list(world, call, repo)),
        (Method::Get, ["branches", name @ .., "protection"]) if !name.is_empty() => {
            Some(show_protection(world, call, repo, &name.join("/")))
        }
        (Method::Get, ["branches", name @ ..]) => Some(show(world, call, repo, &name.join("/"))),
        // Rulesets are not modelled: classic protection is all there is.
        (Method::Get, ["rules", "branches", ..] | ["rulesets"]) => Some(Reply::ok(json!([]))),
        (Method::Get, ["tags"]) => Some(tags(world, call, repo)),
        _ => None,
    }
}

fn list(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let repository = world.repository(repo)?;
    let wanted = call.parameter("protected").map(|text| text == "true");
    let all = branches(&world.git(repo)?)?;
    let shown = all.iter().filter_map(|(name, tip)| {
        let protected = repository.protection_of(name).is_some();
        let fits = wanted.is_none_or(|wanted| wanted == protected);
        fits.then(|| branch_short(&call.links, repo, name, *tip, protected))
    });
    call.list(shown.collect())
}

fn show(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName, name: &str) -> Result<Reply, ApiError> {
    let git = world.git(repo)?;
    let missing = || ApiError::says(404, "Branch not found");
    let tip = read_ref(&git, &format!("refs/heads/{name}")).ok_or_else(missing)?;
    let rule = world.repository(repo)?.protection_of(name);
    Reply::ok(branch(&call.links, repo, name, &git.find_commit(tip)?, rule))
}

fn show_protection(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    name: &str,
) -> Result<Reply, ApiError> {
    let repository = call.repository_for(world, repo, Role::Admin).map_err(|_| ApiError::not_found())?;
    if read_ref(&world.git(repo)?, &format!("refs/heads/{name}")).is_none() {
        return Err(ApiError::says(404, "Branch not found"));
    }
    let rule = repository.protection_of(name).ok_or_else(|| ApiError::says(404, "Branch not protected"))?;
    Reply::ok(protection(&call.links, repo, name, rule))
}

fn tags(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let git = world.git(repo)?;
    let api = call.links.api(&format!("/repos/{repo}"));
    let mut list = Vec::new();
    for reference in git.references_glob("refs/tags/*")? {
        let reference = reference?;
        let commit = reference.peel_to_commit()?.id();
        let Ok(name) = reference.shorthand() else { continue };
        let path = encode(name);
        list.push(json!({
            "name": name, "node_id": node_id("Ref", format!("{repo}:{name}")),
            "commit": {"sha": commit.to_string(), "url": format!("{api}/commits/{commit}")},
            "zipball_url": format!("{api}/zipball/refs/tags/{path}"),
            "tarball_url": format!("{api}/tarball/refs/tags/{path}"),
        }));
    }
    list.sort_by_key(|tag: &Value| std::cmp::Reverse(tag["name"].as_str().unwrap_or_default().to_owned()));
    call.list(list)
}
