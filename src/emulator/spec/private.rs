//! Advisories, their temporary private forks, and how CVE ids come.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits;

use super::{PullSpec, SourceSpec};
use crate::ids::{CveId, GhsaId, Login, RepoName};

/// A repository security advisory.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvisorySpec {
    /// Its id.
    pub ghsa: GhsaId,
    /// The public repository it belongs to.
    pub repo: RepoName,
    /// Where it stands.
    #[serde(default)]
    pub state: StoredAdvisoryState,
    /// One line.
    pub summary: String,
    /// The text.
    #[serde(default)]
    pub description: String,
    /// `critical`, `high`, `medium` or `low`.
    pub severity: Option<String>,
    /// Who reported it; a private report (state `triage`) has one.
    pub reporter: Option<Login>,
    /// A CVE id it has already.
    pub cve_id: Option<CveId>,
    /// People who may see and push to the private fork.
    #[serde(default)]
    pub collaborators: Vec<Login>,
    /// The private fork, if it exists already.
    pub fork: Option<PrivateForkSpec>,
}

/// The states of an advisory (OpenAPI, `repository-advisory.state`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StoredAdvisoryState {
    /// Reported, not accepted.
    #[default]
    Triage,
    /// Accepted, not public.
    Draft,
    /// Public.
    Published,
    /// Rejected.
    Closed,
    /// Published and withdrawn; only GitHub itself does it.
    Withdrawn,
}

impl StoredAdvisoryState {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            StoredAdvisoryState::Triage => "triage",
            StoredAdvisoryState::Draft => "draft",
            StoredAdvisoryState::Published => "published",
            StoredAdvisoryState::Closed => "closed",
            StoredAdvisoryState::Withdrawn => "withdrawn",
        }
    }
}

/// A temporary private fork that exists when the world begins; it has every branch of its parent as well.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivateForkSpec {
    /// Another repository with the commits of the fix, if the parent's source has them not.
    pub source: Option<SourceSpec>,
    /// Further references, full names.
    #[serde(default)]
    pub refs: BTreeMap<String, crate::ids::CommitId>,
    /// Pull requests in the fork.
    #[serde(default)]
    pub pulls: Vec<PullSpec>,
}

/// How CVE ids are assigned.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CveSpec {
    /// From the request to the assignment; more than a month has been seen in 2026.
    #[serde(default = "a_day", deserialize_with = "limits::delay")]
    #[schemars(with = "String")]
    pub delay: SignedDuration,
    /// The ids given, in order; afterwards `CVE-YEAR-9xxxx`.
    #[serde(default)]
    pub numbers: Vec<CveId>,
}

fn a_day() -> SignedDuration {
    SignedDuration::from_hours(24)
}

impl Default for CveSpec {
    fn default() -> Self {
        CveSpec { delay: a_day(), numbers: Vec::new() }
    }
}

/// Where sources about private forks contradict each other, the world says which one holds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForkRules {
    /// From the request to the fork (OpenAPI: "up to 5 minutes").
    #[serde(default = "half_a_minute", deserialize_with = "limits::delay")]
    #[schemars(with = "String")]
    pub delay: SignedDuration,
    /// What open pull requests in the fork do to publication.
    #[serde(default)]
    pub open_pulls: OpenForkPulls,
    /// What publication does to the fork.
    #[serde(default)]
    pub at_publication: ForkAtPublication,
}

fn half_a_minute() -> SignedDuration {
    SignedDuration::from_secs(30)
}

impl Default for ForkRules {
    fn default() -> Self {
        ForkRules {
            delay: half_a_minute(),
            open_pulls: OpenForkPulls::default(),
            at_publication: ForkAtPublication::default(),
        }
    }
}

/// What open pull requests in the fork do to publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OpenForkPulls {
    /// 422, as sktelecom reports.
    #[default]
    Refuse,
    /// They do not matter.
    Ignore,
}

/// What publication does to the fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ForkAtPublication {
    /// GitHub deletes it, as nubbymong reports.
    #[default]
    Deleted,
    /// It must have been deleted before, as PHP reports: 422 otherwise.
    MustBeGone,
    /// It stays.
    Stays,
}
