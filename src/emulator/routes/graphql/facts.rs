//! What is known of accounts and repositories without asking further.

use serde_json::{Value, json};

use crate::emulator::json::{Links, node_id};
use crate::emulator::model::StoredRepository;
use crate::emulator::routes::ApiRequest;
use crate::emulator::spec::{MergeStyle, Role, StoredVisibility};
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Login, RepoName};

/// A person or an organisation.
pub(super) fn actor(world: &EmulatedWorld, links: &Links, login: &Login) -> Value {
    let (id, kind) = world.account(login).map_or((1, "User"), |found| (found.id, found.kind.as_str()));
    json!({
        "__typename": kind, "id": node_id("User", id), "databaseId": id, "login": login, "name": login,
        "url": links.web(&format!("/{login}")),
    })
}

/// What is known of a repository without asking further.
pub(super) fn facts(world: &EmulatedWorld, request: &ApiRequest, one: &StoredRepository) -> Value {
    let (name, links) = (&one.name, &request.links);
    let allows = |method| one.merge_methods.contains(&method);
    let is_private = one.visibility == StoredVisibility::Private;
    let permission = one.permission(request.viewer.as_ref()).map(|role| match role {
        Role::Admin => "ADMIN",
        Role::Write => "WRITE",
        Role::Read => "READ",
    });
    json!({
        "__typename": "Repository", "id": node_id("Repository", one.id), "databaseId": one.id, "name": name.name(),
        "nameWithOwner": name, "owner": actor(world, links, &world.owner(name)),
        "url": links.web(&format!("/{name}")), "sshUrl": format!("ssh://git@localhost/{name}.git"),
        "isPrivate": is_private, "visibility": if is_private { "PRIVATE" } else { "PUBLIC" },
        "isFork": one.parent().is_some(), "isArchived": false, "hasIssuesEnabled": !one.is_workspace(),
        "hasWikiEnabled": false, "viewerPermission": permission,
        "defaultBranchRef": {"__typename": "Ref", "name": one.default_branch, "prefix": "refs/heads/"},
        "mergeCommitAllowed": allows(MergeStyle::Merge), "squashMergeAllowed": allows(MergeStyle::Squash),
        "rebaseMergeAllowed": allows(MergeStyle::Rebase), "autoMergeAllowed": false,
        "deleteBranchOnMerge": false, "createdAt": one.created_at, "pushedAt": one.pushed_at,
    })
}

/// A label, by the id that the other interface gives it.
pub(super) fn label(request: &ApiRequest, repo: &RepoName, name: &str) -> Value {
    let shown = crate::emulator::json::label(&request.links, repo, name);
    json!({"__typename": "Label", "id": shown["node_id"], "name": name, "description": "", "color": shown["color"]})
}
