//! The rate limit (`rate-limit-overview`).

use serde_json::{Value, json};

use crate::emulator::budget::Allowance;

/// What is left of a caller's requests.
pub(crate) fn rate_limit(allowance: &Allowance) -> Value {
    let core = json!({
        "limit": allowance.limit, "remaining": allowance.remaining(), "reset": allowance.reset, "used": allowance.used,
    });
    json!({"resources": {"core": core, "search": core, "graphql": core}, "rate": core})
}
