//! Users and organisations (`simple-user`).

use serde_json::{Value, json};

use super::{Links, node_id};
use crate::emulator::world::EmulatedWorld;
use crate::ids::Login;

/// A user. A login without an account is GitHub's ghost.
pub(crate) fn user(world: &EmulatedWorld, links: &Links, login: &Login) -> Value {
    let (id, kind) = match world.account(login) {
        Some(account) => (account.id, account.kind.as_str()),
        None => (1, "User"),
    };
    let url = links.api(&format!("/users/{login}"));
    json!({
        "login": login, "id": id, "node_id": node_id("User", id),
        "avatar_url": links.web(&format!("/avatars/{id}")), "gravatar_id": "",
        "url": url, "html_url": links.web(&format!("/{login}")),
        "followers_url": format!("{url}/followers"), "following_url": format!("{url}/following{{/other_user}}"),
        "gists_url": format!("{url}/gists{{/gist_id}}"), "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{url}/subscriptions"), "organizations_url": format!("{url}/orgs"),
        "repos_url": format!("{url}/repos"), "events_url": format!("{url}/events{{/privacy}}"),
        "received_events_url": format!("{url}/received_events"), "type": kind, "site_admin": false,
        "user_view_type": "public",
    })
}
