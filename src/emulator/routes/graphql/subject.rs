//! The pull request that a mutation is about, and the same wish for the other interface.

use serde_json::Value;

use super::error::GraphQlError;
use super::pull::by_node;
use crate::emulator::model::StoredPull;
use crate::emulator::reactions::observe;
use crate::emulator::routes::{ApiError, ApiRequest};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::Login;

/// The pull request of this id, of a repository in which the caller may write.
pub(super) fn pull_of(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    id: &Value,
    mutation: &str,
) -> Result<StoredPull, GraphQlError> {
    let key = by_node(world, request, id.as_str().unwrap_or_default())?;
    let repo = world.pulls.get(&key).map(|pull| pull.repo.clone());
    let login = request.login().map_err(GraphQlError::from_rest)?;
    if let Some(repo) = &repo {
        observe(world, repo, &login)?;
        if world.repository(repo)?.is_workspace() {
            return Err(GraphQlError::from_rest(ApiError::workspace()));
        }
        if request.repository_for(world, repo, Role::Write).is_err() {
            return Err(forbidden(&login, mutation));
        }
    }
    world.pulls.get(&key).cloned().ok_or_else(gone)
}

/// The pull request of this id, which whoever sees it may say something about.
pub(super) fn seen(
    world: &EmulatedWorld,
    request: &ApiRequest,
    id: &Value,
) -> Result<StoredPull, GraphQlError> {
    let key = by_node(world, request, id.as_str().unwrap_or_default())?;
    let one = world.pulls.get(&key).cloned().ok_or_else(gone)?;
    if world.repository(&one.repo)?.is_workspace() {
        return Err(GraphQlError::from_rest(ApiError::workspace()));
    }
    Ok(one)
}

pub(super) fn gone() -> GraphQlError {
    GraphQlError::field("NOT_FOUND", "Could not resolve to a node")
}

pub(super) fn forbidden(login: &Login, mutation: &str) -> GraphQlError {
    GraphQlError::field(
        "FORBIDDEN",
        format!("{login} does not have the correct permissions to execute `{mutation}`"),
    )
}

/// The same wish for the other interface.
pub(super) fn rest(request: &ApiRequest, parameters: &[(&'static str, String)], body: Value) -> ApiRequest {
    ApiRequest { parameters: parameters.to_vec(), body, ..request.clone() }
}
