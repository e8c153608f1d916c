//! Users, rate limit, meta.

use serde_json::json;

use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::json::user;
use crate::emulator::world::EmulatedWorld;
use crate::ids::Login;

/// `GET /user`, `/users/{login}`, `/meta`, `/versions` (the rate limit is answered by the front).
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    match (call.method, path) {
        (Method::Get, ["user"]) => Some(own(world, call)),
        (Method::Get, ["users", login]) => Some(somebody(world, call, login)),
        (Method::Get, ["meta"]) => Some(Reply::ok(json!({"verifiable_password_authentication": false}))),
        (Method::Get, ["versions"]) => Some(Reply::ok(json!(["2022-11-28"]))),
        _ => None,
    }
}

fn own(world: &EmulatedWorld, call: &ApiRequest) -> Result<Reply, ApiError> {
    let account = call.account()?;
    let mut all = user(world, &call.links, &account.login);
    complete(&mut all, account.email.as_deref());
    Reply::ok(all)
}

fn somebody(world: &EmulatedWorld, call: &ApiRequest, login: &str) -> Result<Reply, ApiError> {
    let login: Login = login.parse().map_err(|_| ApiError::not_found())?;
    let account = world.account(&login).ok_or_else(ApiError::not_found)?;
    let mut all = user(world, &call.links, &account.login);
    complete(&mut all, None);
    Reply::ok(all)
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
