//! `POST R/forks`: a person's own fork.

use std::collections::BTreeMap;

use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::json::full_repository;
use crate::emulator::model::RepositoryKind;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Forks.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    match (call.method, path) {
        (Method::Post, ["forks"]) => Some(fork(world, call, repo)),
        (Method::Get, ["forks"]) => Some(list(world, call, repo)),
        _ => None,
    }
}

/// GitHub answers 202 and works on; here the fork is there at once. Asked again, it is the same fork. Private
/// forks of advisories cannot be forked.
fn fork(world: &mut EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let login = call.login()?;
    if world.repository(repo)?.is_workspace() {
        return Err(ApiError::workspace());
    }
    let owner = call.text("organization").unwrap_or(login.as_str());
    let name = call.text("name").unwrap_or(repo.name());
    let name: RepoName =
        format!("{owner}/{name}").parse().map_err(|_| ApiError::invalid("Repository", "name", "invalid"))?;
    if name == *repo {
        return Err(ApiError::custom("Repository", "cannot be forked into its own account"));
    }
    if world.repositories.get(name.as_str()).is_none() {
        let kind = RepositoryKind::Fork(repo.clone());
        world.add_fork(repo, name.clone(), kind, &BTreeMap::new(), Vec::new())?;
    }
    let whole = full_repository(world, &call.links, world.repository(&name)?, call.viewer.as_ref());
    Reply::with(202, whole)
}

/// Temporary private forks are not among the forks.
fn list(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let viewer = call.viewer.as_ref();
    let forks = world.repositories.values().filter(|one| one.kind == RepositoryKind::Fork(repo.clone()));
    let seen = forks.filter(|one| one.permission(viewer).is_some());
    call.list(seen.map(|one| full_repository(world, &call.links, one, viewer)).collect())
}
