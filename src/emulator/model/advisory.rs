//! Repository security advisories and their state machine: triage, draft, then published or closed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::emulator::spec::StoredAdvisoryState;
use crate::ids::{CveId, GhsaId, Login, RepoName};

/// Where the private fork stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ForkProgress {
    /// Never asked for.
    None,
    /// Asked for and being made.
    Making,
    /// There.
    Open,
    /// Deleted, by people or by publication.
    Gone,
}

/// Where the CVE request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CveProgress {
    /// Never asked for.
    None,
    /// Under review at GitHub.
    Pending,
}

/// An advisory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredAdvisory {
    pub(crate) ghsa: GhsaId,
    pub(crate) repo: RepoName,
    pub(crate) state: StoredAdvisoryState,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) severity: Option<String>,
    pub(crate) cvss_vector: Option<String>,
    pub(crate) cwe_ids: Vec<String>,
    /// The array as it was given.
    pub(crate) vulnerabilities: Vec<Value>,
    /// `login` and `type` as they were given.
    pub(crate) credits: Vec<Value>,
    pub(crate) collaborating_users: Vec<Login>,
    pub(crate) collaborating_teams: Vec<String>,
    pub(crate) author: Login,
    /// Whether it came as a private report.
    pub(crate) reported: bool,
    pub(crate) publisher: Option<Login>,
    pub(crate) cve_id: Option<CveId>,
    pub(crate) cve_request: CveProgress,
    pub(crate) fork: ForkProgress,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) published_at: Option<Timestamp>,
    pub(crate) closed_at: Option<Timestamp>,
}

/// A change of state that the state machine allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AdvisoryChange {
    /// None: the state asked for is the present one.
    Same,
    /// A report is accepted, or a closed advisory opened again.
    ToDraft,
    /// It becomes public.
    Publish,
    /// It is closed.
    Close,
}

impl StoredAdvisory {
    /// The name of the private fork.
    pub(crate) fn fork_name(&self) -> RepoName {
        self.repo.private_fork(&self.ghsa)
    }

    /// Whether a state may follow the present one; the error is the message of the 422.
    pub(crate) fn may_become(&self, wanted: &str) -> Result<AdvisoryChange, String> {
        use StoredAdvisoryState::{Closed, Draft, Published, Triage};
        if wanted == self.state.as_str() {
            return Ok(AdvisoryChange::Same);
        }
        match (self.state, wanted) {
            (Triage | Closed, "draft") => Ok(AdvisoryChange::ToDraft),
            (Draft, "published") => Ok(AdvisoryChange::Publish),
            (Triage | Draft, "closed") => Ok(AdvisoryChange::Close),
            (Published, _) => Err("A published advisory cannot change its state".to_owned()),
            (state, wanted) => Err(format!("state cannot change from {} to {wanted}", state.as_str())),
        }
    }

    /// What is missing before it can be published; the error is the message of the 422.
    pub(crate) fn is_complete(&self) -> Result<(), &'static str> {
        if self.vulnerabilities.is_empty() {
            return Err("vulnerabilities must be present to publish");
        }
        if self.severity.is_none() && self.cvss_vector.is_none() {
            return Err("severity must be present to publish");
        }
        Ok(())
    }
}
