//! Where the outside services are.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::registry::Protocol;

/// Where the outside services are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct EndpointFacts {
    /// GitHub's REST API.
    pub api: String,
    /// The prefix of clone addresses.
    pub git: String,
    /// The roots of the package registries that releases wait for.
    pub registries: BTreeMap<Protocol, String>,
}

impl Default for EndpointFacts {
    fn default() -> Self {
        EndpointFacts {
            api: "https://api.github.com".into(),
            git: "https://github.com".into(),
            registries: BTreeMap::new(),
        }
    }
}
