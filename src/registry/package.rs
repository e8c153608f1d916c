//! What is asked about, and what a registry can say.

use std::fmt;

use crate::ids::InvalidId;

/// A registry's ecosystem.
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
pub enum Ecosystem {
    /// Rust's: a sparse index.
    Cargo,
    /// npm.
    Npm,
    /// The Python Package Index.
    Pypi,
}

impl Ecosystem {
    /// Every one.
    pub const ALL: [Ecosystem; 3] = [Ecosystem::Cargo, Ecosystem::Npm, Ecosystem::Pypi];

    /// Its word in files and paths.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Ecosystem::Cargo => "cargo",
            Ecosystem::Npm => "npm",
            Ecosystem::Pypi => "pypi",
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A package of a registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    ecosystem: Ecosystem,
    name: String,
}

impl Package {
    /// A package by its name there.
    ///
    /// # Errors
    /// [`InvalidId`] for a name that no registry would take, or that would change the address.
    pub fn new(ecosystem: Ecosystem, name: &str) -> Result<Package, InvalidId> {
        let plain = |part: &str| {
            !part.is_empty()
                && part.starts_with(|c: char| c.is_ascii_alphanumeric())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        let good = match (ecosystem, name.strip_prefix('@')) {
            (Ecosystem::Npm, Some(scoped)) => {
                scoped.split_once('/').is_some_and(|(scope, name)| plain(scope) && plain(name))
            }
            _ => plain(name),
        };
        if good {
            Ok(Package { ecosystem, name: name.to_owned() })
        } else {
            Err(InvalidId { value: name.to_owned(), expected: "the name of a package" })
        }
    }

    /// Its registry.
    #[must_use]
    pub fn ecosystem(&self) -> Ecosystem {
        self.ecosystem
    }

    /// Its name there.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.ecosystem, self.name)
    }
}

/// What a registry knows of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It can be had.
    Published {
        /// The registry's checksum in its own form: SHA-256 for cargo and PyPI (of the source distribution, where
        /// there is one), an integrity string for npm.
        checksum: Option<String>,
    },
    /// It is there, but taken back: resolvers do not choose it any more.
    Yanked,
    /// It is not there, or not yet: an index lags an upload.
    Absent,
}
