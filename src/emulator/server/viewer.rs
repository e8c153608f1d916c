//! Who asks.

use axum::http::HeaderMap;
use base64::Engine as _;

use crate::emulator::model::StoredAccount;
use crate::emulator::world::EmulatedWorld;
use crate::ids::Digest;

/// Who asks: `Bearer`, `token`, or the password of Basic. An unknown or expired token is an error, none is nobody.
pub(crate) fn viewer(world: &EmulatedWorld, headers: &HeaderMap) -> Result<Option<StoredAccount>, ()> {
    let Some(header) = headers.get("authorization") else { return Ok(None) };
    let (scheme, secret) = header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(())?;
    let token = match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "token" => secret.trim().to_owned(),
        "basic" => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(secret.trim()).map_err(|_| ())?;
            let text = String::from_utf8(bytes).map_err(|_| ())?;
            text.split_once(':').map(|(_, password)| password.to_owned()).ok_or(())?
        }
        _ => return Err(()),
    };
    let digest = Digest::of(&token);
    let is_valid = |account: &&StoredAccount| {
        account.token.as_ref() == Some(&digest)
            && account.credential.expires.is_none_or(|end| world.now < end)
    };
    let found = world.accounts.values().find(is_valid);
    found.cloned().map(Some).ok_or(())
}
