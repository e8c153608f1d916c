//! Collaborators, and who may do what.

use serde_json::json;

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::json::{node_id, repository, user};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Login, RepoName};

/// The login in the address; 404 for somebody unknown.
fn login_of(world: &EmulatedWorld, request: &ApiRequest) -> Result<Login, ApiError> {
    let login: Login = request.value("username")?.parse().map_err(|_| ApiError::not_found())?;
    world.account(&login).map(|account| account.login.clone()).ok_or_else(ApiError::not_found)
}

/// GitHub's word for a role.
fn words(permission: Option<Role>) -> &'static str {
    match permission {
        Some(Role::Admin) => "admin",
        Some(Role::Write) => "write",
        Some(Role::Read) => "read",
        None => "none",
    }
}

pub(super) fn list(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    let mut list = Vec::new();
    for account in world.accounts.values().filter(|account| account.token.is_some()) {
        if repository.has_collaborator(account) {
            let permission = repository.permission(Some(account));
            let mut one = user(world, &request.links, &account.login);
            one["role_name"] = json!(words(permission));
            one["permissions"] = json!({
                "pull": true, "triage": permission >= Some(Role::Write),
                "push": permission >= Some(Role::Write), "maintain": permission == Some(Role::Admin),
                "admin": permission == Some(Role::Admin),
            });
            list.push(one);
        }
    }
    request.list(list)
}

pub(super) fn check(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    let login = login_of(world, request)?;
    let is_one = world.account(&login).is_some_and(|account| repository.has_collaborator(account));
    if is_one { Reply::empty() } else { Err(ApiError::not_found()) }
}

pub(super) fn permission(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let repository = world.repository(repo)?;
    let login = login_of(world, request)?;
    let word = words(repository.permission(world.account(&login)));
    let mut one = user(world, &request.links, &login);
    one["role_name"] = json!(word);
    Reply::with(json!({"permission": word, "role_name": word, "user": one}))
}

pub(super) fn invite(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let login = login_of(world, request)?;
    let wanted = match request.text("permission").unwrap_or("push") {
        "pull" | "triage" | "read" => Role::Read,
        "push" | "write" | "maintain" => Role::Write,
        "admin" => Role::Admin,
        _ => return Err(ApiError::invalid("RepositoryInvitation", "permission", "invalid")),
    };
    let fresh = world.repository_mut(repo)?.collaborators.insert(login.clone(), wanted).is_none();
    if !fresh {
        return Reply::empty().map(|reply| reply.status(204));
    }
    let id = world.new_id()?;
    let whole = repository(world, &request.links, world.repository(repo)?, request.viewer.as_ref());
    Reply::with(json!({
        "id": id, "node_id": node_id("RepositoryInvitation", id), "repository": whole,
        "invitee": user(world, &request.links, &login), "inviter": user(world, &request.links, &request.login()?),
        "permissions": words(Some(wanted)), "created_at": world.now, "expired": false,
        "url": request.links.api(&format!("/user/repository_invitations/{id}")),
        "html_url": request.links.web(&format!("/{repo}/invitations")),
    }))
}

pub(super) fn remove(world: &mut EmulatedWorld, request: &ApiRequest, repo: &RepoName) -> RouteResult {
    let login = login_of(world, request)?;
    world.repository_mut(repo)?.collaborators.remove(&login);
    Reply::empty()
}
