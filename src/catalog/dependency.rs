//! What a repository depends on.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{BranchName, RepoName};
use crate::version::DependencyRule;

/// Another repository whose release this one carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dependency {
    /// The repository depended on.
    pub on: RepoName,
    /// Which line of it each line of ours carries: ours to theirs.
    pub lines: BTreeMap<BranchName, BranchName>,
    /// Where its version stands in our files.
    pub rule: DependencyRule,
}
