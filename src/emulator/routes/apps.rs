//! GitHub Apps: an installation's tokens.

use jiff::Timestamp;
use serde_json::json;

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::model::InstallationToken;
use crate::emulator::world::EmulatedWorld;
use crate::ids::Digest;

/// A new token of the installation, beside those that it has. GitHub's last an hour.
pub(super) fn create_token(world: &mut EmulatedWorld, request: &ApiRequest) -> RouteResult {
    let login = request.login()?;
    let (now, number) = (world.now, world.new_id()?);
    let account = world.accounts.get_mut(&login.as_str().to_ascii_lowercase());
    let installation = account.and_then(|account| account.credential.installation.as_mut());
    let installation = installation
        .filter(|installation| {
            request.value("installation_id").is_ok_and(|id| id == installation.id.to_string())
        })
        .ok_or_else(ApiError::not_found)?;
    let expires = now.checked_add(installation.lifetime).unwrap_or(Timestamp::MAX);
    let secret = format!("ghs_{}", &Digest::of(format!("{login}/{number}")).as_str()[..36]);
    installation.tokens.retain(|token| now < token.expires);
    installation.tokens.push(InstallationToken { digest: Digest::of(&secret), expires });
    // What GitHub says is whole seconds; it never expires earlier than it says.
    let told = expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Reply::with(json!({
        "token": secret, "expires_at": told, "repository_selection": "all",
        "permissions": {
            "actions": "write", "checks": "read", "contents": "write", "metadata": "read", "pull_requests": "write",
            "repository_advisories": "write", "workflows": "write",
        },
    }))
}
