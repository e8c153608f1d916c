//! How far a test command is kept from the rest of the machine: what the catalog wants, and what this machine gave.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a `[[repo.test]]` wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IsolationWish {
    /// As far as this machine allows. The default.
    #[default]
    Available,
    /// Not at all without it: `plan` refuses a machine that does not allow it.
    Required,
    /// None: for a suite that must see what is hidden from it, such as a container engine's folder.
    None,
}

impl IsolationWish {
    pub(super) fn is_default(&self) -> bool {
        *self == IsolationWish::default()
    }
}

/// How far a command was kept from the rest of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "level", deny_unknown_fields)]
pub enum Isolation {
    /// It had user, mount and process namespaces of its own: it saw neither the run's folder nor other processes nor the
    /// home directory, and nothing of it lived on.
    Namespaces {
        /// Whether it could reach the network.
        network: bool,
        /// The version of landlock that kept it besides from writing elsewhere, or why none did; nothing in what was kept by
        /// versions that did not ask for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        landlock: Option<String>,
    },
    /// It had an environment, a home and a temporary directory of its own, and no more.
    Environment {
        /// Why there was no more.
        why: String,
        /// What would allow it.
        remedy: String,
    },
    /// The catalog wants none.
    Waived,
}

impl Isolation {
    /// Whether the command could see nothing of the run.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self, Isolation::Namespaces { .. })
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Isolation::Namespaces { network: true, .. } => f.write_str("isolated"),
            Isolation::Namespaces { network: false, .. } => f.write_str("isolated, without network"),
            Isolation::Environment { why, .. } => write!(f, "not isolated: {why}"),
            Isolation::Waived => f.write_str("not isolated, as the catalog wants"),
        }
    }
}
