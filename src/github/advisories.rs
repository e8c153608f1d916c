//! Repository security advisories: the draft, its private fork, its CVE, its publication.

use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::client::Client;
use super::error::{Class, Error};
use super::pulls::User;
use super::repos::Named;
use crate::egress::{Disclosed, Permit};
use crate::ids::{CveId, GhsaId, Login, RepoName};

/// Where an advisory stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdvisoryState {
    /// Reported by somebody from outside, not accepted yet.
    Triage,
    /// Accepted, not public.
    Draft,
    /// Public.
    Published,
    /// Given up before publication.
    Closed,
    /// Taken back after publication.
    Withdrawn,
}

impl AdvisoryState {
    fn word(self) -> &'static str {
        match self {
            AdvisoryState::Triage => "triage",
            AdvisoryState::Draft => "draft",
            AdvisoryState::Published => "published",
            AdvisoryState::Closed => "closed",
            AdvisoryState::Withdrawn => "withdrawn",
        }
    }
}

/// GitHub's four levels; there is no "moderate" here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// How severity is given: GitHub takes one of the two, never both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rating {
    /// By level.
    Level(Severity),
    /// By a CVSS vector, from which GitHub computes the level.
    Vector(String),
}

/// One affected range of one package. Each release line has its own, since `patched_versions` is one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vulnerability {
    /// GitHub's word for the ecosystem: `rust`, `npm`, `pip`, `other`, …
    pub ecosystem: String,
    /// The package's name in that ecosystem.
    pub package: Option<String>,
    /// For example `>= 2.4.0, < 2.4.3`.
    pub vulnerable_version_range: Option<String>,
    /// For example `2.4.3`.
    pub patched_versions: Option<String>,
}

/// What somebody is thanked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "GitHub's own words, explained on its advisory page")]
pub enum CreditKind {
    Analyst,
    Finder,
    Reporter,
    Coordinator,
    RemediationDeveloper,
    RemediationReviewer,
    RemediationVerifier,
    Tool,
    Sponsor,
    Other,
}

/// Who is thanked, for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The user; plain text, since a tool may be a bot.
    pub login: String,
    /// For what.
    #[serde(rename = "type")]
    pub kind: CreditKind,
}

/// An advisory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advisory {
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
    pub severity: Option<Severity>,
    /// Its CVSS vector.
    pub vector: Option<String>,
    /// Where it stands.
    pub state: AdvisoryState,
    /// The affected ranges.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Weaknesses, `CWE-79`.
    pub cwes: Vec<String>,
    /// Who is thanked.
    pub credits: Vec<Credit>,
    /// Who may see the draft beside the owners.
    pub collaborators: Vec<String>,
    /// The temporary private fork. `None` where there is none, or it is deleted.
    pub private_fork: Option<RepoName>,
    /// Who reported or wrote it.
    pub author: Option<String>,
    /// When it was published.
    pub published: Option<Timestamp>,
}

/// What is to be changed; `None` leaves a part alone. GitHub replaces whole lists: send every value.
#[derive(Debug, Clone, Default)]
pub struct AdvisoryEdit {
    /// A new title.
    pub summary: Option<String>,
    /// A new text.
    pub description: Option<String>,
    /// Severity, one way or the other.
    pub rating: Option<Rating>,
    /// All affected ranges.
    pub vulnerabilities: Option<Vec<Vulnerability>>,
    /// All weaknesses.
    pub cwes: Option<Vec<String>>,
    /// All credits.
    pub credits: Option<Vec<Credit>>,
    /// All collaborating users.
    pub collaborators: Option<Vec<Login>>,
    /// A CVE that was assigned elsewhere.
    pub cve: Option<CveId>,
}

/// What came of asking for a CVE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CveRequest {
    /// Asked for; people at GitHub answer, in days as a rule, and have taken a month.
    Requested,
    /// The advisory has one.
    Assigned(CveId),
    /// GitHub refuses; as a rule because it was asked before. Its sentence is kept.
    Refused(String),
}

/// What came of asking for a private fork.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForkRequest {
    /// Being made under this name; up to five minutes until it can be used.
    Accepted(RepoName),
    /// There is one.
    Exists(RepoName),
}

/// What came of a change of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateChange {
    /// It is changed.
    Changed,
    /// It was so.
    AlreadySo,
}

/// What came of publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Publication {
    /// It is public now.
    Published(Advisory),
    /// Somebody had published it.
    AlreadyPublished(Advisory),
}

#[derive(Deserialize)]
struct Wire {
    ghsa_id: GhsaId,
    cve_id: Option<CveId>,
    html_url: String,
    summary: String,
    description: Option<String>,
    severity: Option<Severity>,
    cvss: Option<Cvss>,
    cvss_severities: Option<CvssSeverities>,
    state: AdvisoryState,
    vulnerabilities: Option<Vec<WireVulnerability>>,
    cwe_ids: Option<Vec<String>>,
    credits: Option<Vec<Credit>>,
    collaborating_users: Option<Vec<User>>,
    private_fork: Option<Named>,
    author: Option<User>,
    published_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Cvss {
    vector_string: Option<String>,
}

#[derive(Deserialize)]
struct CvssSeverities {
    cvss_v3: Option<Cvss>,
    cvss_v4: Option<Cvss>,
}

#[derive(Deserialize)]
struct WireVulnerability {
    package: Option<Package>,
    vulnerable_version_range: Option<String>,
    patched_versions: Option<String>,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: Option<String>,
}

impl From<WireVulnerability> for Vulnerability {
    fn from(wire: WireVulnerability) -> Vulnerability {
        let (ecosystem, package) = match wire.package {
            Some(package) => (package.ecosystem, package.name),
            None => ("other".to_owned(), None),
        };
        Vulnerability {
            ecosystem,
            package,
            vulnerable_version_range: wire.vulnerable_version_range,
            patched_versions: wire.patched_versions,
        }
    }
}

impl Vulnerability {
    fn wire(&self) -> Value {
        json!({
            "package": {"ecosystem": self.ecosystem, "name": self.package},
            "vulnerable_version_range": self.vulnerable_version_range,
            "patched_versions": self.patched_versions,
        })
    }
}

impl From<Wire> for Advisory {
    fn from(wire: Wire) -> Advisory {
        let newer = wire.cvss_severities.and_then(|both| both.cvss_v4.or(both.cvss_v3));
        let vector =
            wire.cvss.and_then(|cvss| cvss.vector_string).or(newer.and_then(|cvss| cvss.vector_string));
        Advisory {
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
                .map(Vulnerability::from)
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
    fn wire(&self) -> Value {
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
        set("vulnerabilities", ranges.map(|ranges| ranges.iter().map(Vulnerability::wire).collect()));
        match &self.rating {
            Some(Rating::Level(severity)) => set("severity", Some(json!(severity))),
            Some(Rating::Vector(vector)) => set("cvss_vector_string", Some(json!(vector))),
            None => {}
        }
        body
    }
}

impl Client {
    /// The advisory; `None` when it does not exist or this token may not see it.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn advisory(&self, repo: &RepoName, id: &GhsaId) -> Result<Option<Advisory>, Error> {
        let call = self.repo_call(Method::GET, repo, ["security-advisories", id.as_str()]);
        Ok(self.look::<Wire>(call).await?.map(Advisory::from))
    }

    /// The advisories of a repository, in one state or in every one that this token may see.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn advisories(
        &self,
        repo: &RepoName,
        state: Option<AdvisoryState>,
    ) -> Result<Vec<Advisory>, Error> {
        // Pages go by cursor, which the `Link` header carries.
        let call = self
            .repo_call(Method::GET, repo, ["security-advisories"])
            .query_if("state", state.map(AdvisoryState::word));
        let all: Vec<Wire> = self.pages(call, |page: Vec<Wire>| page).await?;
        Ok(all.into_iter().map(Advisory::from).collect())
    }

    /// Changes fields. With [`Permit::Private`] the advisory is looked at first, and must not be public.
    ///
    /// # Errors
    /// [`Class::Invalid`] for a field that GitHub does not take; [`Class::NotPrivate`] as said.
    pub async fn update_advisory(
        &self,
        repo: &RepoName,
        id: &GhsaId,
        edit: &AdvisoryEdit,
        permit: &Permit,
    ) -> Result<Advisory, Error> {
        self.patch_advisory(repo, id, edit.wire(), permit).await
    }

    async fn patch_advisory(
        &self,
        repo: &RepoName,
        id: &GhsaId,
        body: Value,
        permit: &Permit,
    ) -> Result<Advisory, Error> {
        let call = self.repo_call(Method::PATCH, repo, ["security-advisories", id.as_str()]).body(body);
        if matches!(permit, Permit::Private) {
            let found = self.advisory(repo, id).await?.ok_or_else(|| call.fails(Class::NotFound))?;
            if matches!(found.state, AdvisoryState::Published | AdvisoryState::Withdrawn) {
                return Err(call.fails(Class::NotPrivate { surface: id.to_string() }));
            }
        }
        Ok(self.send(call).await?.json::<Wire>()?.into())
    }

    /// Accepts a report: from triage to draft.
    ///
    /// # Errors
    /// [`Class::NotPrivate`] when it is published; [`Error`] when GitHub refuses.
    pub async fn accept_report(&self, repo: &RepoName, id: &GhsaId) -> Result<StateChange, Error> {
        self.change_state(repo, id, AdvisoryState::Draft).await
    }

    /// Gives an unpublished advisory up.
    ///
    /// # Errors
    /// As [`Client::accept_report`].
    pub async fn close_advisory(&self, repo: &RepoName, id: &GhsaId) -> Result<StateChange, Error> {
        self.change_state(repo, id, AdvisoryState::Closed).await
    }

    async fn change_state(
        &self,
        repo: &RepoName,
        id: &GhsaId,
        state: AdvisoryState,
    ) -> Result<StateChange, Error> {
        if self.advisory(repo, id).await?.is_some_and(|found| found.state == state) {
            return Ok(StateChange::AlreadySo);
        }
        self.patch_advisory(repo, id, json!({"state": state}), &Permit::Private).await?;
        Ok(StateChange::Changed)
    }

    /// Publishes the advisory. Only the release-day gate can make the value it takes.
    ///
    /// # Errors
    /// [`Class::Invalid`] when pull requests of the fork are open, or the fork must be deleted first: sources
    /// disagree on what GitHub asks for, so close, back up, and look again.
    pub async fn publish_advisory(
        &self,
        repo: &RepoName,
        id: &GhsaId,
        disclosed: &Disclosed,
    ) -> Result<Publication, Error> {
        if let Some(found) = self.advisory(repo, id).await?
            && found.state == AdvisoryState::Published
        {
            return Ok(Publication::AlreadyPublished(found));
        }
        let permit = Permit::Disclosed(disclosed.clone());
        let body = json!({"state": AdvisoryState::Published});
        self.patch_advisory(repo, id, body, &permit).await.map(Publication::Published)
    }

    /// Asks GitHub for a CVE. Nothing public comes of it.
    ///
    /// # Errors
    /// [`Class::NotFound`], [`Class::Forbidden`]; a repeated request is an outcome, not an error.
    pub async fn request_cve(&self, repo: &RepoName, id: &GhsaId) -> Result<CveRequest, Error> {
        let call = self.repo_call(Method::POST, repo, ["security-advisories", id.as_str(), "cve"]);
        let found = self.advisory(repo, id).await?.ok_or_else(|| call.fails(Class::NotFound))?;
        if let Some(cve) = found.cve {
            return Ok(CveRequest::Assigned(cve));
        }
        match self.send(call).await {
            Ok(_) => Ok(CveRequest::Requested),
            // The text of a repeated request's 422 is documented nowhere.
            Err(Error { class: Class::Invalid { message }, .. }) => Ok(CveRequest::Refused(message)),
            Err(error) => Err(error),
        }
    }

    /// Asks for the temporary private fork. Looked for first; the text of a repeated request's 422 is
    /// documented nowhere.
    ///
    /// # Errors
    /// [`Class::NotFound`], [`Class::Forbidden`], [`Class::Invalid`].
    pub async fn create_private_fork(&self, repo: &RepoName, id: &GhsaId) -> Result<ForkRequest, Error> {
        let call = self.repo_call(Method::POST, repo, ["security-advisories", id.as_str(), "forks"]);
        let found = self.advisory(repo, id).await?.ok_or_else(|| call.fails(Class::NotFound))?;
        if let Some(fork) = found.private_fork {
            return Ok(ForkRequest::Exists(fork));
        }
        let made: Named = self.fetch(call).await?;
        Ok(ForkRequest::Accepted(made.full_name))
    }
}
