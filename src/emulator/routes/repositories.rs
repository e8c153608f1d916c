//! `GET` and `DELETE` of a repository, its tags and its collaborators.

use serde_json::json;

use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::json::{full_repository, node_id, user};
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Login, RepoName};

/// Repositories and collaborators.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    match (call.method, path) {
        (Method::Get, []) => Some(get(world, call, repo)),
        (Method::Delete, []) => Some(delete(world, call, repo)),
        (Method::Get, ["collaborators"]) => Some(collaborators(world, call, repo)),
        (Method::Get, ["collaborators", login]) => Some(is_collaborator(world, call, repo, login)),
        (Method::Get, ["collaborators", login, "permission"]) => Some(permission(world, call, repo, login)),
        (Method::Put, ["collaborators", login]) => Some(invite(world, call, repo, login)),
        (Method::Delete, ["collaborators", login]) => Some(dismiss(world, call, repo, login)),
        _ => None,
    }
}

fn get(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    Reply::ok(full_repository(world, &call.links, world.repository(repo)?, call.viewer.as_ref()))
}

fn delete(world: &mut EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Admin)?;
    if world.has_forks(repo) {
        // GitHub would keep the forks; here they borrow the parent's objects.
        return Err(ApiError::says(403, "The emulated world keeps a repository while forks borrow from it."));
    }
    world.delete_repository(repo)?;
    Reply::nothing()
}

fn known(world: &EmulatedWorld, login: &str) -> Result<Login, ApiError> {
    let login: Login = login.parse().map_err(|_| ApiError::not_found())?;
    world.account(&login).map(|account| account.login.clone()).ok_or_else(ApiError::not_found)
}

fn words(permission: Option<Role>) -> &'static str {
    match permission {
        Some(Role::Admin) => "admin",
        Some(Role::Write) => "write",
        Some(Role::Read) => "read",
        None => "none",
    }
}

fn collaborators(world: &EmulatedWorld, call: &ApiRequest, repo: &RepoName) -> Result<Reply, ApiError> {
    let repository = call.repository_for(world, repo, Role::Write)?;
    let mut list = Vec::new();
    for account in world.accounts.values().filter(|account| account.token.is_some()) {
        let permission = repository.permission(Some(account));
        let listed = repository.collaborators.contains_key(&account.login);
        if listed || permission == Some(Role::Admin) {
            let mut one = user(world, &call.links, &account.login);
            one["role_name"] = json!(words(permission));
            one["permissions"] = json!({
                "pull": true, "triage": permission >= Some(Role::Write),
                "push": permission >= Some(Role::Write), "maintain": permission == Some(Role::Admin),
                "admin": permission == Some(Role::Admin),
            });
            list.push(one);
        }
    }
    call.list(list)
}

fn is_collaborator(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    login: &str,
) -> Result<Reply, ApiError> {
    let repository = call.repository_for(world, repo, Role::Write)?;
    let login = known(world, login)?;
    let listed = repository.collaborators.contains_key(&login);
    let admin = repository.permission(world.account(&login)) == Some(Role::Admin);
    if listed || admin { Reply::nothing() } else { Err(ApiError::not_found()) }
}

fn permission(
    world: &EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    login: &str,
) -> Result<Reply, ApiError> {
    let repository = call.repository(world, repo)?;
    let login = known(world, login)?;
    let word = words(repository.permission(world.account(&login)));
    let mut one = user(world, &call.links, &login);
    one["role_name"] = json!(word);
    Reply::ok(json!({"permission": word, "role_name": word, "user": one}))
}

fn invite(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    login: &str,
) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Admin)?;
    let login = known(world, login)?;
    let wanted = match call.text("permission").unwrap_or("push") {
        "pull" | "triage" | "read" => Role::Read,
        "push" | "write" | "maintain" => Role::Write,
        "admin" => Role::Admin,
        _ => return Err(ApiError::invalid("RepositoryInvitation", "permission", "invalid")),
    };
    let fresh = world.repository_mut(repo)?.collaborators.insert(login.clone(), wanted).is_none();
    if !fresh {
        return Reply::nothing();
    }
    let id = world.new_id()?;
    let whole = full_repository(world, &call.links, world.repository(repo)?, call.viewer.as_ref());
    Reply::created(json!({
        "id": id, "node_id": node_id("RepositoryInvitation", id), "repository": whole,
        "invitee": user(world, &call.links, &login), "inviter": user(world, &call.links, &call.login()?),
        "permissions": words(Some(wanted)), "created_at": world.now, "expired": false,
        "url": call.links.api(&format!("/user/repository_invitations/{id}")),
        "html_url": call.links.web(&format!("/{repo}/invitations")),
    }))
}

fn dismiss(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    repo: &RepoName,
    login: &str,
) -> Result<Reply, ApiError> {
    call.repository_for(world, repo, Role::Admin)?;
    let login = known(world, login)?;
    world.repository_mut(repo)?.collaborators.remove(&login);
    Reply::nothing()
}
