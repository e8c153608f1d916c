//! Users, rate limit, meta.

use serde_json::json;

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::json::{self, user};
use crate::emulator::model::StoredAccount;
use crate::emulator::world::EmulatedWorld;
use crate::ids::Login;

pub(super) fn own(world: &mut EmulatedWorld, request: &ApiRequest) -> RouteResult {
    let account = request.account()?;
    if account.credential.app {
        return Err(ApiError::says(403, "Resource not accessible by integration"));
    }
    let mut all = user(world, &request.links, &account.login);
    complete(&mut all, account.email.as_deref());
    Reply::with(all)
}

pub(super) fn somebody(world: &mut EmulatedWorld, request: &ApiRequest) -> RouteResult {
    let login: Login = request.value("username")?.parse().map_err(|_| ApiError::not_found())?;
    let account = world.account(&login).ok_or_else(ApiError::not_found)?;
    let mut all = user(world, &request.links, &account.login);
    complete(&mut all, None);
    Reply::with(all)
}

/// The keys that somebody logs in with.
pub(super) fn keys(world: &mut EmulatedWorld, request: &ApiRequest) -> RouteResult {
    let of = |account: &StoredAccount| account.keys.clone();
    request.list(published(world, request, of)?.map(|(id, key)| json!({"id": id, "key": key})).collect())
}

/// The keys that somebody signs with.
pub(super) fn signing_keys(world: &mut EmulatedWorld, request: &ApiRequest) -> RouteResult {
    let of = |account: &StoredAccount| account.signing_keys.clone();
    let made = world.now;
    let shown = |(id, key)| json!({"id": id, "key": key, "title": format!("key {id}"), "created_at": format!("{made:.0}")});
    request.list(published(world, request, of)?.map(shown).collect())
}

/// Keys of the person in the address, numbered.
fn published(
    world: &EmulatedWorld,
    request: &ApiRequest,
    of: impl FnOnce(&StoredAccount) -> Vec<String>,
) -> Result<impl Iterator<Item = (u64, String)>, ApiError> {
    let login: Login = request.value("username")?.parse().map_err(|_| ApiError::not_found())?;
    let account = world.account(&login).ok_or_else(ApiError::not_found)?;
    Ok((account.id * 100..).zip(of(account)))
}

/// Where everything is; `gh auth status` asks for nothing but its headers.
pub(super) fn root(_: &mut EmulatedWorld, request: &ApiRequest) -> RouteResult {
    let all = ROOT.iter().map(|(name, path)| ((*name).to_owned(), json!(request.links.api(path))));
    Reply::with(all.collect::<serde_json::Map<_, _>>().into())
}

/// The addresses that `GET /` names.
const ROOT: [(&str, &str); 31] = [
    ("current_user_url", "/user"),
    ("current_user_authorizations_html_url", "/settings/connections/applications{/client_id}"),
    ("authorizations_url", "/authorizations"),
    ("code_search_url", "/search/code?q={query}{&page,per_page,sort,order}"),
    ("commit_search_url", "/search/commits?q={query}{&page,per_page,sort,order}"),
    ("emails_url", "/user/emails"),
    ("emojis_url", "/emojis"),
    ("events_url", "/events"),
    ("feeds_url", "/feeds"),
    ("followers_url", "/user/followers"),
    ("following_url", "/user/following{/target}"),
    ("gists_url", "/gists{/gist_id}"),
    ("issue_search_url", "/search/issues?q={query}{&page,per_page,sort,order}"),
    ("issues_url", "/issues"),
    ("keys_url", "/user/keys"),
    ("label_search_url", "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}"),
    ("notifications_url", "/notifications"),
    ("organization_url", "/orgs/{org}"),
    ("organization_repositories_url", "/orgs/{org}/repos{?type,page,per_page,sort}"),
    ("organization_teams_url", "/orgs/{org}/teams"),
    ("public_gists_url", "/gists/public"),
    ("rate_limit_url", "/rate_limit"),
    ("repository_url", "/repos/{owner}/{repo}"),
    ("repository_search_url", "/search/repositories?q={query}{&page,per_page,sort,order}"),
    ("current_user_repositories_url", "/user/repos{?type,page,per_page,sort}"),
    ("starred_url", "/user/starred{/owner}{/repo}"),
    ("starred_gists_url", "/gists/starred"),
    ("user_url", "/users/{user}"),
    ("user_organizations_url", "/user/orgs"),
    ("user_repositories_url", "/users/{user}/repos{?type,page,per_page,sort}"),
    ("user_search_url", "/search/users?q={query}{&page,per_page,sort,order}"),
];

pub(super) fn rate_limit(_: &mut EmulatedWorld, request: &ApiRequest) -> RouteResult {
    Reply::with(json::rate_limit(&request.allowance))
}

pub(super) fn meta(_: &mut EmulatedWorld, _: &ApiRequest) -> RouteResult {
    Reply::with(json!({"verifiable_password_authentication": false}))
}

pub(super) fn versions(_: &mut EmulatedWorld, _: &ApiRequest) -> RouteResult {
    Reply::with(json!(["2022-11-28"]))
}

/// What `public-user` has beyond `simple-user`.
fn complete(user: &mut serde_json::Value, email: Option<&str>) {
    let name = user["login"].clone();
    let further = json!({
        "name": name, "company": null, "blog": "", "location": null, "email": email, "hireable": null,
        "bio": null, "twitter_username": null, "public_repos": 0, "public_gists": 0, "followers": 0,
        "following": 0, "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
    });
    if let (Some(user), serde_json::Value::Object(further)) = (user.as_object_mut(), further) {
        user.extend(further);
    }
}
