//! The protocols of registries: where a package is asked for, and what the answer means. One file each.

mod cargo;
mod npm;
mod pypi;

use std::fmt;

use super::facts::ProtocolFacts;
use crate::ecosystem::Ecosystem;

/// The protocol that a registry speaks; its word is the key under `endpoints.registries`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Rust's: a sparse index.
    Cargo,
    /// npm.
    Npm,
    /// The Python Package Index.
    Pypi,
}

impl Protocol {
    /// Every one.
    pub const ALL: [Protocol; 3] = [Protocol::Cargo, Protocol::Npm, Protocol::Pypi];

    pub(super) fn facts(self) -> ProtocolFacts {
        match self {
            Protocol::Cargo => cargo::FACTS,
            Protocol::Npm => npm::FACTS,
            Protocol::Pypi => pypi::FACTS,
        }
    }

    /// The protocol of an ecosystem's registries; `None` where none is known here.
    #[must_use]
    pub fn of(ecosystem: Ecosystem) -> Option<Protocol> {
        Protocol::ALL.into_iter().find(|protocol| protocol.facts().ecosystem == ecosystem)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.facts().word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_of_a_protocol_is_its_key_in_the_catalog() {
        for protocol in Protocol::ALL {
            assert_eq!(serde_json::to_value(protocol).unwrap(), protocol.to_string());
        }
    }

    #[test]
    fn ecosystem_without_a_known_registry_has_no_protocol() {
        assert_eq!(Protocol::of(Ecosystem::Rust), Some(Protocol::Cargo));
        assert_eq!(Protocol::of(Ecosystem::Pip), Some(Protocol::Pypi));
        assert_eq!(Protocol::of(Ecosystem::Other), None);
    }
}
