//! One vulnerability, as its people describe it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fix::Fix;
use super::vector;
use crate::credit::CreditKind;
use crate::ids::{CveId, GhsaId, Login, RepoName};

/// One vulnerability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Advisory {
    /// Its GitHub repository security advisory.
    pub id: GhsaId,
    /// The repository that the advisory belongs to.
    pub repo: RepoName,
    /// The advisory's title, in one line.
    pub summary: String,
    /// The advisory's text in Markdown. It takes the place of what the reporter wrote, which is never published as it
    /// came: an empty one is refused.
    #[serde(default)]
    pub description: String,
    /// How bad it is, if no CVSS vector says so.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// The CVSS vector (v3 or v4). GitHub takes this or the severity, never both.
    #[serde(default)]
    pub cvss: Option<String>,
    /// Weakness ids, `CWE-79`.
    #[serde(default)]
    pub cwes: Vec<String>,
    /// The CVE: requested, given, or decided against.
    #[serde(default)]
    pub cve: CveWish,
    /// The packages that have it, by their names in the catalog. Empty: every package of the repositories that are fixed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    /// Who reported it, if not a maintainer.
    #[serde(default)]
    pub reporter: Option<Login>,
    /// Who is thanked, and for what.
    #[serde(default)]
    pub credits: Vec<Credit>,
    /// Who is invited to the private side.
    #[serde(default)]
    pub collaborators: Vec<Login>,
    /// The fixes, one per repository that has the vulnerability.
    #[serde(rename = "fix")]
    pub fixes: Vec<Fix>,
}

/// Severity in GitHub's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// GitHub's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// Whether a CVE is wanted, and from where.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CveWish {
    /// Ask GitHub for one. Release day does not wait for it; what arrives later is written in then.
    #[default]
    Request,
    /// Ask GitHub for one, and do not begin release day without it.
    Require,
    /// It was assigned elsewhere.
    Given(CveId),
    /// The release continues without one.
    None,
}

impl CveWish {
    /// Whether GitHub is asked for one.
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        matches!(self, CveWish::Request | CveWish::Require)
    }
}

/// A credit of an advisory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Credit {
    /// Who.
    pub login: Login,
    /// For what, in GitHub's words: `finder`, `reporter`, `analyst`, `remediation_developer` and more.
    #[serde(rename = "type")]
    pub kind: CreditKind,
}

impl Advisory {
    /// The fix in this repository.
    #[must_use]
    pub fn fix_in(&self, repo: &RepoName) -> Option<&Fix> {
        self.fixes.iter().find(|fix| fix.repo == *repo)
    }

    /// Whether a package of a repository that is fixed has it.
    #[must_use]
    pub fn affects(&self, package: &str) -> bool {
        self.packages.is_empty() || self.packages.iter().any(|name| name == package)
    }

    /// The severity, from the vector if there is one.
    #[must_use]
    pub fn rating(&self) -> Option<Severity> {
        let Some(vector) = &self.cvss else { return self.severity };
        let score = vector::severity(vector).ok()?;
        Some(match score {
            cvss::Severity::Critical => Severity::Critical,
            cvss::Severity::High => Severity::High,
            cvss::Severity::Medium => Severity::Medium,
            cvss::Severity::Low | cvss::Severity::None => Severity::Low,
        })
    }
}
