//! Branches with their protection, rules, and the list of tags.

use serde_json::{Value, json};

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::git::{branch_tip, branches};
use crate::emulator::json::{branch, branch_short, encode, node_id, of_names, protection, rules};
use crate::emulator::pattern::covers;
use crate::emulator::spec::{RuleKind, RulesetTarget};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// `GET …/branches`
pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    let wanted = request.query("protected").map(|text| text == "true");
    let all = branches(&*world.git(repo)?)?;
    let shown = all.iter().filter_map(|(name, tip)| {
        let protected = repository.protection_of(name).is_some();
        let fits = wanted.is_none_or(|wanted| wanted == protected);
        fits.then(|| branch_short(&request.links, repo, name, *tip, protected))
    });
    request.list(shown.collect())
}

/// `GET …/branches/{branch}`
pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let name = request.value("branch")?;
    let git = world.git(repo)?;
    let tip = branch_tip(&git, name).ok_or_else(no_branch)?;
    let rule = world.repository(repo)?.protection_of(name);
    Reply::with(branch(&request.links, repo, name, &git.find_commit(tip)?, rule))
}

fn no_branch() -> ApiError {
    ApiError::says(404, "Branch not found")
}

/// `GET …/branches/{branch}/protection`
pub(super) fn show_protection(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
) -> RouteResult {
    let name = request.value("branch")?;
    branch_tip(&*world.git(repo)?, name).ok_or_else(no_branch)?;
    let repository = world.repository(repo)?;
    let rule = repository.protection_of(name).ok_or_else(|| ApiError::says(404, "Branch not protected"))?;
    Reply::with(protection(&request.links, repo, name, rule))
}

/// `GET …/rules/branches/{branch}`: what the rulesets say; of classic protection it tells nothing.
pub(super) fn list_rules(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let name = request.value("branch")?;
    let repository = world.repository(repo)?;
    let of_rulesets =
        repository.rules_of(name).enumerate().filter(|(_, rule)| rule.kind == RuleKind::Ruleset);
    let mut all: Vec<Value> = of_rulesets.flat_map(|(index, rule)| rules(repo, index + 1, rule)).collect();
    let reference = format!("refs/heads/{name}");
    let before = repository.protection.len() + 1;
    // It does not matter here who asks: rules that may be bypassed are listed, too.
    for (index, one) in repository.rulesets.iter().enumerate() {
        if one.target == RulesetTarget::Branch && one.references().iter().any(|glob| covers(glob, &reference))
        {
            all.extend(of_names(repository, before + index, one));
        }
    }
    request.list(all)
}

/// `GET …/tags`
pub(super) fn tags(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let git = world.git(repo)?;
    let api = request.links.api(&format!("/repos/{repo}"));
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
    request.list(list)
}
