//! Who asks.

use axum::http::HeaderMap;
use base64::Engine as _;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::emulator::model::{StoredAccount, StoredInstallation};
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
    let lasts = |end: Timestamp| world.now < end;
    let is_valid = |account: &&StoredAccount| {
        let credential = &account.credential;
        (account.token.as_ref() == Some(&digest) && credential.expires.is_none_or(lasts))
            || credential.lasts_until(&digest).is_some_and(lasts)
    };
    let found = world.accounts.values().find(is_valid);
    found.cloned().map(Some).ok_or(())
}

/// Which App proves itself, by what it signed: below `/app` nothing else counts. It must be GitHub's kind of signature and
/// of the machine's own time.
pub(crate) fn app(world: &EmulatedWorld, headers: &HeaderMap) -> Option<StoredAccount> {
    let proof = headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
    let mut apps = world.accounts.values().filter(|account| account.credential.installation.is_some());
    apps.find(|account| account.credential.installation.as_ref().is_some_and(|app| proves(app, proof)))
        .cloned()
}

fn proves(installation: &StoredInstallation, proof: &str) -> bool {
    #[derive(Deserialize)]
    struct Claims {
        /// A number, or its digits.
        iss: serde_json::Value,
        iat: u64,
        exp: u64,
    }
    let Ok(key) = DecodingKey::from_rsa_pem(installation.public_key.as_bytes()) else { return false };
    let Ok(proven) = jsonwebtoken::decode::<Claims>(proof, &key, &Validation::new(Algorithm::RS256)) else {
        return false;
    };
    let Claims { iss, iat, exp } = proven.claims;
    let is_its_own = match &iss {
        serde_json::Value::String(digits) => digits.parse() == Ok(installation.app),
        number => number.as_u64() == Some(installation.app),
    };
    // GitHub: "the expiration time is too far in the future" beyond ten minutes.
    is_its_own && exp.saturating_sub(iat) <= 10 * 60
}
