//! The package that a repository releases.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ecosystem::Ecosystem;

/// A package as advisories and registries name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Package {
    /// The ecosystem in GitHub's words: `rust`, `npm`, `pip`, `other` and more.
    #[serde(deserialize_with = "Ecosystem::from_file")]
    pub ecosystem: Ecosystem,
    /// The package's name.
    pub name: String,
    /// Whether a release must appear in the registry before it counts.
    #[serde(default)]
    pub registry: bool,
}
