//! A repository security advisory, and its JSON.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::pulls::WireUser;
use super::repository::WireNamed;
use crate::credit::CreditKind;
use crate::ids::{CveId, GhsaId, Login, RepoName};

/// The state of an advisory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RepositoryAdvisoryState {
    /// Reported privately, not accepted yet.
    Triage,
    /// Accepted, not public.
    Draft,
    /// Public.
    Published,
    /// Closed without publication.
    Closed,
    /// Withdrawn after publication.
    Withdrawn,
}

impl RepositoryAdvisoryState {
    /// GitHub's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RepositoryAdvisoryState::Triage => "triage",
            RepositoryAdvisoryState::Draft => "draft",
            RepositoryAdvisoryState::Published => "published",
            RepositoryAdvisoryState::Closed => "closed",
            RepositoryAdvisoryState::Withdrawn => "withdrawn",
        }
    }
}

/// GitHub's four levels; there is no "moderate" here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdvisorySeverity {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// A severity. GitHub accepts a level or a vector, never both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rating {
    /// By level.
    Level(AdvisorySeverity),
    /// By a CVSS vector, from which GitHub computes the level.
    Vector(String),
}

/// One affected range of one package. Each release line has its own, since `patched_versions` is one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryVulnerability {
    /// GitHub's word for the ecosystem: `rust`, `npm`, `pip`, `other`, …
    pub ecosystem: String,
    /// The package's name in that ecosystem.
    pub package: Option<String>,
    /// For example `>= 2.4.0, < 2.4.3`.
    pub vulnerable_version_range: Option<String>,
    /// For example `2.4.3`.
    pub patched_versions: Option<String>,
}

/// A credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvisoryCredit {
    /// The user; plain text, since a tool may be a bot.
    pub login: String,
    /// What they are credited for.
    #[serde(rename = "type")]
    pub kind: CreditKind,
}

/// An advisory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WireAdvisory")]
pub struct RepositoryAdvisory {
    /// Its id.
    pub id: GhsaId,
    /// Its CVE, once assigned.
    pub cve: Option<CveId>,
    /// Its page.
    pub url: String,
    /// Its title.
    pub summary: String,
    /// Its text.
    pub description: String,
    /// Its level.
    pub severity: Option<AdvisorySeverity>,
    /// Its CVSS vector.
    pub vector: Option<String>,
    /// Its state.
    pub state: RepositoryAdvisoryState,
    /// The affected ranges.
    pub vulnerabilities: Vec<RepositoryVulnerability>,
    /// Weaknesses, `CWE-79`.
    pub cwes: Vec<String>,
    /// The credits.
    pub credits: Vec<AdvisoryCredit>,
    /// Who may see the draft, beside the maintainers.
    pub collaborators: Vec<String>,
    /// The temporary private fork; `None` before it is created and after it is deleted.
    pub private_fork: Option<RepoName>,
    /// Who reported or wrote it.
    pub author: Option<String>,
    /// When it was published.
    pub published: Option<Timestamp>,
}

/// A change; `None` leaves a field as it is. GitHub replaces whole lists: send every entry.
#[derive(Debug, Clone, Default)]
pub struct AdvisoryEdit {
    /// A new title.
    pub summary: Option<String>,
    /// A new text.
    pub description: Option<String>,
    /// The severity, as a level or a vector.
    pub rating: Option<Rating>,
    /// All affected ranges.
    pub vulnerabilities: Option<Vec<RepositoryVulnerability>>,
    /// All weaknesses.
    pub cwes: Option<Vec<String>>,
    /// All credits.
    pub credits: Option<Vec<AdvisoryCredit>>,
    /// All collaborating users.
    pub collaborators: Option<Vec<Login>>,
    /// A CVE that was assigned elsewhere.
    pub cve: Option<CveId>,
}

/// An advisory as GitHub sends it.
#[derive(Deserialize)]
struct WireAdvisory {
    ghsa_id: GhsaId,
    cve_id: Option<CveId>,
    html_url: String,
    summary: String,
    description: Option<String>,
    severity: Option<AdvisorySeverity>,
    cvss: Option<WireCvss>,
    cvss_severities: Option<WireCvssSeverities>,
    state: RepositoryAdvisoryState,
    vulnerabilities: Option<Vec<WireVulnerability>>,
    cwe_ids: Option<Vec<String>>,
    credits: Option<Vec<AdvisoryCredit>>,
    collaborating_users: Option<Vec<WireUser>>,
    private_fork: Option<WireNamed>,
    author: Option<WireUser>,
    published_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct WireCvss {
    vector_string: Option<String>,
}

#[derive(Deserialize)]
struct WireCvssSeverities {
    cvss_v3: Option<WireCvss>,
    cvss_v4: Option<WireCvss>,
}

#[derive(Deserialize)]
struct WireVulnerability {
    package: Option<WirePackage>,
    vulnerable_version_range: Option<String>,
    patched_versions: Option<String>,
}

#[derive(Deserialize)]
struct WirePackage {
    ecosystem: String,
    name: Option<String>,
}

impl From<WireVulnerability> for RepositoryVulnerability {
    fn from(wire: WireVulnerability) -> RepositoryVulnerability {
        let (ecosystem, package) = match wire.package {
            Some(package) => (package.ecosystem, package.name),
            None => ("other".to_owned(), None),
        };
        RepositoryVulnerability {
            ecosystem,
            package,
            vulnerable_version_range: wire.vulnerable_version_range,
            patched_versions: wire.patched_versions,
        }
    }
}

impl RepositoryVulnerability {
    fn wire(&self) -> Value {
        json!({
            "package": {"ecosystem": self.ecosystem, "name": self.package},
            "vulnerable_version_range": self.vulnerable_version_range,
            "patched_versions": self.patched_versions,
        })
    }
}

impl From<WireAdvisory> for RepositoryAdvisory {
    fn from(wire: WireAdvisory) -> RepositoryAdvisory {
        let newer = wire.cvss_severities.and_then(|both| both.cvss_v4.or(both.cvss_v3));
        let vector =
            wire.cvss.and_then(|cvss| cvss.vector_string).or(newer.and_then(|cvss| cvss.vector_string));
        RepositoryAdvisory {
            id: wire.ghsa_id,
            cve: wire.cve_id,
            url: wire.html_url,
            summary: wire.summary,
            description: wire.description.unwrap_or_default(),
            severity: wire.severity,
            vector,
            state: wire.state,
            vulnerabilities: wire
                .vulnerabilities
                .unwrap_or_default()
                .into_iter()
                .map(RepositoryVulnerability::from)
                .collect(),
            cwes: wire.cwe_ids.unwrap_or_default(),
            credits: wire.credits.unwrap_or_default(),
            collaborators: wire
                .collaborating_users
                .unwrap_or_default()
                .into_iter()
                .map(|user| user.login)
                .collect(),
            private_fork: wire.private_fork.map(|fork| fork.full_name),
            author: wire.author.map(|user| user.login),
            published: wire.published_at,
        }
    }
}

impl AdvisoryEdit {
    pub(super) fn wire(&self) -> Value {
        let mut body = json!({});
        let mut set = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                body[key] = value;
            }
        };
        set("summary", self.summary.as_ref().map(|text| json!(text)));
        set("description", self.description.as_ref().map(|text| json!(text)));
        set("cve_id", self.cve.as_ref().map(|cve| json!(cve)));
        set("cwe_ids", self.cwes.as_ref().map(|cwes| json!(cwes)));
        set("credits", self.credits.as_ref().map(|credits| json!(credits)));
        set("collaborating_users", self.collaborators.as_ref().map(|users| json!(users)));
        let ranges = self.vulnerabilities.as_ref();
        set(
            "vulnerabilities",
            ranges.map(|ranges| ranges.iter().map(RepositoryVulnerability::wire).collect()),
        );
        match &self.rating {
            Some(Rating::Level(severity)) => set("severity", Some(json!(severity))),
            Some(Rating::Vector(vector)) => set("cvss_vector_string", Some(json!(vector))),
            None => {}
        }
        body
    }
}
