//! What is asked about.

use std::fmt;

use super::protocol::Protocol;
use crate::ids::InvalidId;

/// A package of a registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryPackage {
    protocol: Protocol,
    name: String,
}

impl RegistryPackage {
    /// A package by its name there.
    ///
    /// # Errors
    /// [`InvalidId`] for a name that no registry would take, or that would change the address.
    pub fn new(protocol: Protocol, name: &str) -> Result<RegistryPackage, InvalidId> {
        if (protocol.facts().takes)(name) {
            Ok(RegistryPackage { protocol, name: name.to_owned() })
        } else {
            Err(InvalidId { value: name.to_owned(), expected: "the name of a package" })
        }
    }

    /// The protocol of its registry.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Its name there.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for RegistryPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.protocol, self.name)
    }
}
