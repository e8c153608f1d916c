//! Branches with their protection, rules, and the list of tags.

use serde_json::{Value, json};

use super::{Call, Method, Refusal, Reply};
use crate::emulator::git::{branches, read_ref};
use crate::emulator::json::{branch, branch_short, encode, node_id, protection};
use crate::emulator::spec::Permission;
use crate::emulator::world::World;
use crate::ids::RepoName;

/// Branches and tags.
pub(crate) fn answer(
    world: &mut World,
    call: &Call,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, Refusal>> {
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

fn list(world: &World, call: &Call, repo: &RepoName) -> Result<Reply, Refusal> {
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

fn show(world: &World, call: &Call, repo: &RepoName, name: &str) -> Result<Reply, Refusal> {
    let git = world.git(repo)?;
    let missing = || Refusal::says(404, "Branch not found");
    let tip = read_ref(&git, &format!("refs/heads/{name}")).ok_or_else(missing)?;
    let rule = world.repository(repo)?.protection_of(name);
    Reply::ok(branch(&call.links, repo, name, &git.find_commit(tip)?, rule))
}

fn show_protection(world: &World, call: &Call, repo: &RepoName, name: &str) -> Result<Reply, Refusal> {
    let repository = call.repository_for(world, repo, Permission::Admin).map_err(|_| Refusal::not_found())?;
    if read_ref(&world.git(repo)?, &format!("refs/heads/{name}")).is_none() {
        return Err(Refusal::says(404, "Branch not found"));
    }
    let rule = repository.protection_of(name).ok_or_else(|| Refusal::says(404, "Branch not protected"))?;
    Reply::ok(protection(&call.links, repo, name, rule))
}

fn tags(world: &World, call: &Call, repo: &RepoName) -> Result<Reply, Refusal> {
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
