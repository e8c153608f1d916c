//! Teams of organisations.

use super::{ApiError, ApiRequest, RouteResult};
use crate::emulator::json::user;
use crate::emulator::model::StoredAccount;
use crate::emulator::world::EmulatedWorld;

/// `GET /orgs/{org}/teams/{team_slug}/members`: 404 for a team that is not there, and for a classic token without a scope for
/// organisations, to which GitHub shows none.
pub(super) fn members(world: &mut EmulatedWorld, request: &ApiRequest) -> RouteResult {
    let sees = |scopes: &Vec<String>| scopes.iter().any(|scope| scope.ends_with(":org"));
    if request.account()?.credential.scopes.as_ref().is_some_and(|scopes| !sees(scopes)) {
        return Err(ApiError::not_found());
    }
    let team = format!("{}/{}", request.value("org")?, request.value("team_slug")?);
    let is_in = |account: &&StoredAccount| account.teams.iter().any(|one| one.eq_ignore_ascii_case(&team));
    let logins = world.accounts.values().filter(is_in).map(|account| account.login.clone());
    let logins: Vec<_> = logins.collect();
    if logins.is_empty() {
        return Err(ApiError::not_found());
    }
    request.list(logins.iter().map(|login| user(world, &request.links, login)).collect())
}
