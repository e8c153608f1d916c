//! What the world looked like when the plan was made.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{BranchName, CommitId, GhsaId, RepoName};
use crate::numbering::Version;

/// The observed facts that a plan is computed from, beside the user's files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When it was taken.
    pub taken: Timestamp,
    /// Every repository of the release and of its dependencies.
    pub repos: BTreeMap<RepoName, RepoState>,
    /// Every advisory of the release.
    pub advisories: BTreeMap<GhsaId, AdvisoryState>,
}

/// One repository as it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepoState {
    /// The supported branches that exist, with their heads and versions.
    pub branches: BTreeMap<BranchName, BranchState>,
    /// The version tags that exist.
    pub tags: BTreeMap<String, CommitId>,
}

/// One branch as it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BranchState {
    /// Its head.
    pub head: CommitId,
    /// The version that its files state; `None` where the repository has no version rule.
    pub version: Option<Version>,
}

/// One advisory as it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdvisoryState {
    /// `triage`, `draft`, `published`, `closed` or `withdrawn`.
    pub state: String,
    /// Its CVE, if it has one.
    pub cve: Option<String>,
    /// Its private fork, if it has one.
    pub private_fork: Option<RepoName>,
}
