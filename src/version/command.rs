//! A command that the project already has for raising its version.

use serde::{Deserialize, Serialize};

use super::scheme::Scheme;

/// The project's own bump script. This room only describes it: running it is left to the caller, in a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BumpCommand {
    /// Program and arguments; `{version}` stands for the new version.
    pub run: Vec<String>,
    /// Where the version can be read, before and after.
    pub version: Box<Scheme>,
}

impl BumpCommand {
    /// Program and arguments for this new version.
    #[must_use]
    pub fn arguments(&self, new: &semver::Version) -> Vec<String> {
        self.run.iter().map(|part| part.replace("{version}", &new.to_string())).collect()
    }
}
