//! Repositories.

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::json::full_repository;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

pub(super) fn show(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    Reply::with(full_repository(world, &request.links, world.repository(repo)?, request.viewer.as_ref()))
}

pub(super) fn delete(world: &mut EmulatedWorld, _: &ApiRequest, repo: &RepoName) -> RouteResult {
    if world.has_forks(repo) {
        // GitHub would keep the forks; here they borrow the parent's objects.
        return Err(ApiError::says(403, "The emulated world keeps a repository while forks borrow from it."));
    }
    world.delete_repository(repo)?;
    Reply::empty()
}
