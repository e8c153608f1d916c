//! Rulesets as such; what they say of a branch is asked for by branch.

use serde_json::{Value, json};

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::json::{node_id, rules};
use crate::emulator::model::StoredRepository;
use crate::emulator::spec::{ProtectionSpec, RuleKind};
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// The rulesets with their numbers.
fn numbered(repository: &StoredRepository) -> impl Iterator<Item = (usize, &ProtectionSpec)> {
    let all = repository.protection.iter().enumerate().map(|(index, rule)| (index + 1, rule));
    all.filter(|(_, rule)| rule.kind == RuleKind::Ruleset)
}

fn short(request: &ApiRequest, repository: &StoredRepository, number: usize) -> Value {
    let repo = &repository.name;
    let web = request.links.web(&format!("/{repo}/rules/{number}"));
    json!({
        "id": number, "name": format!("ruleset {number}"), "target": "branch", "source_type": "Repository",
        "source": repo, "enforcement": "active", "node_id": node_id("RepositoryRuleset", number),
        "_links": {
            "self": {"href": request.links.api(&format!("/repos/{repo}/rulesets/{number}"))},
            "html": {"href": web},
        },
        "created_at": repository.created_at, "updated_at": repository.created_at,
    })
}

/// `GET …/rulesets`
pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    request.list(numbered(repository).map(|(number, _)| short(request, repository, number)).collect())
}

/// `GET …/rulesets/{ruleset_id}`
pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    let id = request.number("ruleset_id")?;
    let found = numbered(repository).find(|(number, _)| *number as u64 == id);
    let (number, rule) = found.ok_or_else(ApiError::not_found)?;
    let mut whole = short(request, repository, number);
    let include: Vec<String> = rule.branches.iter().map(|glob| format!("refs/heads/{glob}")).collect();
    whole["conditions"] = json!({"ref_name": {"include": include, "exclude": []}});
    let mut all = rules(repo, number, rule);
    for one in &mut all {
        if let Some(one) = one.as_object_mut() {
            one.retain(|key, _| !key.starts_with("ruleset_"));
        }
    }
    whole["rules"] = Value::Array(all);
    Reply::with(whole)
}
