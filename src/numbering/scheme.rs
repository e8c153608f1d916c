//! The schemes by which projects number their releases.

use serde::{Deserialize, Serialize};

/// The scheme of a project's versions. It follows from where the version stands and from the package's ecosystem;
/// stating it is for projects of which neither tells.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Semantic Versioning 2.0: `1.2.3`, `2.0.0-rc.1`.
    // Clippy's and serde's idea of the word is `sem-ver`; nobody writes it so.
    #[serde(rename = "semver")]
    SemVer,
    /// Python's: `1.4`, `2.0.0rc1`, `2.0.0.dev0`, `1!1.0.post1` (PEP 440).
    #[serde(rename = "pep440")]
    Pep440,
    /// Ruby's: `7.1.5.2`, `1.2.0.rc1` (`Gem::Version`).
    #[serde(rename = "rubygems")]
    RubyGems,
    /// Maven's: `2.18.5-SNAPSHOT`, `33.0.0-jre` (POM reference, "Version Order Specification").
    Maven,
    /// Any count of dotted numbers, with or without a suffix: `47`, `1.4`, `1.0.2u`, `7.0-rc1`. A semantic version is
    /// read as one.
    Numbers,
    /// Dates, with their leading zeros: `2026.01.07`, `25.04.1`. Which comes next, no rule can tell.
    Calendar,
}

/// A text that is no version of its scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {}", scheme.noun())]
pub struct InvalidVersion {
    /// The text.
    pub value: String,
    /// The scheme.
    pub scheme: Scheme,
}

impl Scheme {
    /// What a version of this scheme is, as a noun phrase for messages.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Scheme::SemVer => "a version of the form MAJOR.MINOR.PATCH",
            Scheme::Pep440 => "a Python version (PEP 440)",
            Scheme::RubyGems => "a RubyGems version",
            Scheme::Maven => "a Maven version",
            Scheme::Numbers => {
                "a version in dotted numbers (`scheme` in the version rule names other schemes)"
            }
            Scheme::Calendar => "a date in dotted numbers",
        }
    }
}
