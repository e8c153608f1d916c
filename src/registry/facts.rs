//! What each protocol has to tell.

use super::answer::RegistryAnswer;
use crate::ecosystem::Ecosystem;

/// What there is to know of a protocol.
pub(super) struct ProtocolFacts {
    /// Its word in files and addresses.
    pub(super) word: &'static str,
    /// The ecosystem whose packages are asked for by it.
    pub(super) ecosystem: Ecosystem,
    /// Whether a name is a package's there, and cannot change the address.
    pub(super) takes: fn(&str) -> bool,
    /// The path segments of a package and version, below the registry's root.
    pub(super) segments: fn(&str, &str) -> Vec<String>,
    /// The form of answer that is asked for.
    pub(super) accept: Option<&'static str>,
    /// What an answer says of a version.
    pub(super) read: fn(&str, &str) -> Result<RegistryAnswer, serde_json::Error>,
}

/// Whether a name is of letters, digits, `-`, `_` and `.`, and begins with a letter or digit.
pub(super) fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
