//! `[repo.matrix]`: which entries of the project's own CI prove a target, and what holds it up.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entry_glob::EntryGlob;
use super::policies::is_default;
use crate::jobs::IsolationWish;

/// The project's own CI as proof. An empty table runs every entry that this machine can run, and all of these must pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MatrixRule {
    /// The event whose entries are taken, in GitHub's word. If it is not stated, the fullest of the three for the branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<MatrixEvent>,
    /// Only these workflow files, by name: `ci.yml`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workflows: Vec<String>,
    /// Only entries with such a name or job id; what they need is run besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<EntryGlob>,
    /// Entries without which a target does not count as proven, wherever they would have to run. If nothing is stated, all
    /// that can run here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<EntryGlob>,
    /// Entries that may be missing, or not work on this machine: they are named, and hold nothing up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_be_missing: Vec<EntryGlob>,
    /// What runs entries, on this machine or on those of others: `steps`, which is Lockgate itself, or the program `act`, which
    /// runs actions as they are.
    #[serde(default, skip_serializing_if = "is_default")]
    pub executor: MatrixExecutor,
    /// How far entries are kept from the rest of this machine: `available` or `required`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub isolation: EntryIsolation,
    /// Whether each entry runs on the public base first, with network, so that its caches hold what the run without network
    /// needs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warm_up: bool,
    /// How many cores an entry keeps busy; counted against the budget of the whole run.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub cores: NonZeroU32,
}

/// An event that tests branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatrixEvent {
    /// Commits arrive on the branch.
    Push,
    /// The merge queue tests a group for the branch.
    MergeGroup,
    /// A pull request into the branch.
    PullRequest,
}

/// What runs entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MatrixExecutor {
    /// Lockgate itself.
    #[default]
    Steps,
    /// The program `act`.
    Act,
}

/// How far entries are kept from the rest of the machine. Those of an embargoed tree are never without all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EntryIsolation {
    /// As far as this machine allows.
    #[default]
    Available,
    /// Not at all without namespaces: `plan` refuses a machine that does not allow them.
    Required,
}

impl From<EntryIsolation> for IsolationWish {
    fn from(wish: EntryIsolation) -> IsolationWish {
        match wish {
            EntryIsolation::Available => IsolationWish::Available,
            EntryIsolation::Required => IsolationWish::Required,
        }
    }
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_one(cores: &NonZeroU32) -> bool {
    *cores == one()
}

impl MatrixRule {
    /// Whether an entry is among those that are run.
    #[must_use]
    pub fn chooses(&self, name: &str, job: &str) -> bool {
        self.only.is_empty() || any(&self.only, name, job)
    }

    /// Whether an entry must pass: `can_run` where nothing is stated.
    #[must_use]
    pub fn requires(&self, name: &str, job: &str, can_run: bool) -> bool {
        if self.required.is_empty() { can_run } else { any(&self.required, name, job) }
    }

    /// Whether an entry holds nothing up when it is missing or does not work here.
    #[must_use]
    pub fn lets_go(&self, name: &str, job: &str) -> bool {
        any(&self.may_be_missing, name, job)
    }

    /// Whether a workflow file is among those that are read.
    #[must_use]
    pub fn reads(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.workflows.is_empty() || self.workflows.iter().any(|wanted| wanted == path || wanted == name)
    }
}

fn any(globs: &[EntryGlob], name: &str, job: &str) -> bool {
    globs.iter().any(|glob| glob.matches(name, job))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Result<MatrixRule, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn an_empty_table_wants_all_that_can_run() {
        let rule = rule("").unwrap();
        assert!(rule.chooses("test (1)", "test") && rule.reads(".github/workflows/ci.yml"));
        assert!(rule.requires("test (1)", "test", true) && !rule.requires("test (1)", "test", false));
        assert_eq!(serde_json::to_string(&rule).unwrap(), "{}");
    }

    #[test]
    fn what_is_required_is_required_wherever_it_would_run() {
        let rule =
            rule("required = ['test*']\nmay-be-missing = ['*(macos)']\nworkflows = ['ci.yml']").unwrap();
        assert!(rule.requires("test (macos)", "test", false) && rule.lets_go("test (macos)", "test"));
        assert!(!rule.requires("lint", "lint", true) && !rule.lets_go("lint", "lint"));
        assert!(rule.reads(".github/workflows/ci.yml") && !rule.reads(".github/workflows/nightly.yml"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(rule("only = ['a[']").unwrap_err().contains("`a[` is not a glob of entries"));
        assert!(rule("event = 'pull-request'").unwrap_err().contains("pull-request"));
        assert!(rule("isolation = 'none'").unwrap_err().contains("none"));
        assert!(rule("executor = 'docker'").unwrap_err().contains("docker"));
        assert!(rule("network = true").unwrap_err().contains("network"));
    }
}
