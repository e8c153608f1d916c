//! From a request to its route in the table, and from there to the answer.

use axum::http::Method;

use super::route::{Access, InWorkspace, find};
use super::table::{OF_A_REPOSITORY, OF_THE_WORLD};
use super::{ApiError, ApiRequest, SentReply};
use crate::emulator::reactions::observe;
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Login, RepoName};

/// Answers a request.
pub(crate) fn answer(world: &mut EmulatedWorld, request: ApiRequest) -> Result<SentReply, ApiError> {
    match request.segments.as_slice() {
        [first, owner, name, ..] if first == "repos" => {
            let name = format!("{owner}/{name}").parse::<RepoName>().map_err(|_| ApiError::not_found())?;
            of_a_repository(world, request, &name)
        }
        _ => of_the_world(world, request),
    }
}

fn of_the_world(world: &mut EmulatedWorld, mut request: ApiRequest) -> Result<SentReply, ApiError> {
    let found = find(OF_THE_WORLD, &request.method, &request.segments);
    let (route, parameters) = found.ok_or_else(ApiError::not_found)?;
    request.parameters = parameters;
    route.access.check_token(&request)?;
    (route.handler)(world, &request)?.within(route.success)
}

fn of_a_repository(
    world: &mut EmulatedWorld,
    mut request: ApiRequest,
    name: &RepoName,
) -> Result<SentReply, ApiError> {
    let repo = request.repository(world, name)?.name.clone();
    let actor = request.viewer.as_ref().map_or_else(|| world.owner(&repo), |viewer| viewer.login.clone());
    observe(world, &repo, &actor)?;
    let found = find(OF_A_REPOSITORY, &request.method, &request.segments[3..]);
    let (route, parameters) = found.ok_or_else(ApiError::not_found)?;
    request.parameters = parameters;
    admit(world, &request, &repo, route.access, route.in_workspace)?;
    let reply = (route.handler)(world, &request, &repo)?.within(route.success)?;
    notice(world, &request, &repo, &actor)?;
    Ok(reply)
}

fn admit(
    world: &EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
    access: Access,
    in_workspace: InWorkspace,
) -> Result<(), ApiError> {
    access.check_token(request)?;
    let repository = world.repository(repo)?;
    access.check_role(request, repository)?;
    in_workspace.check(repository)
}

/// Lets pull requests and CI react to what a write did, before the caller hears of it.
fn notice(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    repo: &RepoName,
    actor: &Login,
) -> Result<(), ApiError> {
    if request.method != Method::GET && world.repositories.get(repo.as_str()).is_some() {
        observe(world, repo, actor)?;
    }
    Ok(())
}
