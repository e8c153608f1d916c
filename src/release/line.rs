//! What this one release does with a line.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{BranchName, RepoName};

/// What is true of a line in this release alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LineWish {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// The version that is released from it. Without one, the next by the catalog's rule. With `release = false`, the version in
    /// which somebody else releases its fixes: advisories name it as the patched one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The versions of packages that count by themselves, by their names in the catalog.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, String>,
    /// The tag or commit that the release is made from, in place of the line's head: the fixes are picked onto it and proven
    /// and tagged there; afterwards the release is merged into the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Whether its branch does not exist yet. It is made at `base` when the embargo ends, with the first thing that is pushed
    /// for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new: bool,
    /// Why it gets its fixes later, in words that may become public: `with 3.0.0 on 2027-02-01`. It is affected, and this release
    /// leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<String>,
    /// Whether a release is made from it. `false`: it is patched only. Without it, as the catalog says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<bool>,
}
