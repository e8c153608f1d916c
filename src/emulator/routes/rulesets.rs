//! Rulesets as such; what they say of a branch is asked for by branch.

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::json::rulesets;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// `GET …/rulesets`
pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    request.list(rulesets(repository).iter().map(|one| one.short(&request.links, repository)).collect())
}

/// `GET …/rulesets/{ruleset_id}`
pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    let id = request.number("ruleset_id")?;
    let found = rulesets(repository).into_iter().find(|one| one.number as u64 == id);
    let found = found.ok_or_else(ApiError::not_found)?;
    Reply::with(found.whole(&request.links, repository, request.viewer.as_ref()))
}
