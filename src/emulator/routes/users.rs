//! Users, rate limit, meta.

use serde_json::json;

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::json::{self, user};
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
