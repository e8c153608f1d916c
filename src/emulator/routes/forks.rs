//! Forks of people. The private forks of advisories are not among them, and cannot be forked.

use std::collections::BTreeMap;

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::json::full_repository;
use crate::emulator::model::RepositoryKind;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// GitHub answers 202 and works on; here the fork is there at once. Asked again, it is the same fork.
pub(super) fn create(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let login = request.login()?;
    let owner = request.text("organization").unwrap_or(login.as_str());
    let name = request.text("name").unwrap_or(repo.name());
    let name: RepoName =
        format!("{owner}/{name}").parse().map_err(|_| ApiError::invalid("Repository", "name", "invalid"))?;
    if name == *repo {
        return Err(ApiError::custom("Repository", "cannot be forked into its own account"));
    }
    if world.repositories.get(name.as_str()).is_none() {
        let kind = RepositoryKind::Fork(repo.clone());
        world.add_fork(repo, name.clone(), kind, &BTreeMap::new(), Vec::new())?;
    }
    let whole = full_repository(world, &request.links, world.repository(&name)?, request.viewer.as_ref());
    Reply::with(whole)
}

/// Temporary private forks are not among the forks.
pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let viewer = request.viewer.as_ref();
    let forks = world.repositories.values().filter(|one| one.kind == RepositoryKind::Fork(repo.clone()));
    let seen = forks.filter(|one| one.permission(viewer).is_some());
    request.list(seen.map(|one| full_repository(world, &request.links, one, viewer)).collect())
}
