//! How it is known who approved, in words.

use crate::run::Proof;

/// What is added to the name of whoever approved; nothing, where it was their own token.
pub(super) fn signed(proof: Option<&Proof>) -> String {
    match proof {
        Some(Proof::Signature { key, .. }) => format!(", signed with {key}"),
        Some(Proof::Token) | None => String::new(),
    }
}
