//! Requests about repository security advisories: the draft, its private fork, its CVE, its publication.

use http::Method;
use serde_json::{Value, json};

use super::advisory::{AdvisoryEdit, RepositoryAdvisory, RepositoryAdvisoryState, WireAdvisory};
use super::client::Client;
use super::error::{Class, GitHubError};
use super::repos::WireNamed;
use crate::egress::{Disclosed, Permit};
use crate::ids::{CveId, GhsaId, RepoName};

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
    Published(RepositoryAdvisory),
    /// Somebody had published it.
    AlreadyPublished(RepositoryAdvisory),
}

impl Client {
    /// The advisory; `None` when it does not exist or this token may not see it.
    ///
    /// # Errors
    /// [`GitHubError`] when GitHub cannot be asked.
    pub async fn advisory(
        &self,
        repo: &RepoName,
        id: &GhsaId,
    ) -> Result<Option<RepositoryAdvisory>, GitHubError> {
        let call = self.repo_call(Method::GET, repo, ["security-advisories", id.as_str()]);
        Ok(self.look::<WireAdvisory>(call).await?.map(RepositoryAdvisory::from))
    }

    /// The advisories of a repository, in one state or in every one that this token may see.
    ///
    /// # Errors
    /// [`GitHubError`] when GitHub cannot be asked.
    pub async fn advisories(
        &self,
        repo: &RepoName,
        state: Option<RepositoryAdvisoryState>,
    ) -> Result<Vec<RepositoryAdvisory>, GitHubError> {
        // Pages go by cursor, which the `Link` header carries.
        let call = self
            .repo_call(Method::GET, repo, ["security-advisories"])
            .query_if("state", state.map(RepositoryAdvisoryState::word));
        let all: Vec<WireAdvisory> = self.pages(call, |page: Vec<WireAdvisory>| page).await?;
        Ok(all.into_iter().map(RepositoryAdvisory::from).collect())
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
    ) -> Result<RepositoryAdvisory, GitHubError> {
        self.patch_advisory(repo, id, edit.wire(), permit).await
    }

    async fn patch_advisory(
        &self,
        repo: &RepoName,
        id: &GhsaId,
        body: Value,
        permit: &Permit,
    ) -> Result<RepositoryAdvisory, GitHubError> {
        let call = self.repo_call(Method::PATCH, repo, ["security-advisories", id.as_str()]).body(body);
        if matches!(permit, Permit::Private) {
            let found = self.advisory(repo, id).await?.ok_or_else(|| call.fails(Class::NotFound))?;
            if matches!(found.state, RepositoryAdvisoryState::Published | RepositoryAdvisoryState::Withdrawn)
            {
                return Err(call.fails(Class::NotPrivate { surface: id.to_string() }));
            }
        }
        Ok(self.send(call).await?.json::<WireAdvisory>()?.into())
    }

    /// Accepts a report: from triage to draft.
    ///
    /// # Errors
    /// [`Class::NotPrivate`] when it is published; [`GitHubError`] when GitHub refuses.
    pub async fn accept_report(&self, repo: &RepoName, id: &GhsaId) -> Result<StateChange, GitHubError> {
        self.change_state(repo, id, RepositoryAdvisoryState::Draft).await
    }

    async fn change_state(
        &self,
        repo: &RepoName,
        id: &GhsaId,
        state: RepositoryAdvisoryState,
    ) -> Result<StateChange, GitHubError> {
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
    ) -> Result<Publication, GitHubError> {
        if let Some(found) = self.advisory(repo, id).await?
            && found.state == RepositoryAdvisoryState::Published
        {
            return Ok(Publication::AlreadyPublished(found));
        }
        let permit = Permit::Disclosed(disclosed.clone());
        let body = json!({"state": RepositoryAdvisoryState::Published});
        self.patch_advisory(repo, id, body, &permit).await.map(Publication::Published)
    }

    /// Asks GitHub for a CVE. Nothing public comes of it.
    ///
    /// # Errors
    /// [`Class::NotFound`], [`Class::Forbidden`]; a repeated request is an outcome, not an error.
    pub async fn request_cve(&self, repo: &RepoName, id: &GhsaId) -> Result<CveRequest, GitHubError> {
        let call = self.repo_call(Method::POST, repo, ["security-advisories", id.as_str(), "cve"]);
        let found = self.advisory(repo, id).await?.ok_or_else(|| call.fails(Class::NotFound))?;
        if let Some(cve) = found.cve {
            return Ok(CveRequest::Assigned(cve));
        }
        match self.send(call).await {
            Ok(_) => Ok(CveRequest::Requested),
            // The text of a repeated request's 422 is documented nowhere.
            Err(GitHubError { class: Class::Invalid { message }, .. }) => Ok(CveRequest::Refused(message)),
            Err(error) => Err(error),
        }
    }

    /// Asks for the temporary private fork. Looked for first; the text of a repeated request's 422 is
    /// documented nowhere.
    ///
    /// # Errors
    /// [`Class::NotFound`], [`Class::Forbidden`], [`Class::Invalid`].
    pub async fn create_private_fork(
        &self,
        repo: &RepoName,
        id: &GhsaId,
    ) -> Result<ForkRequest, GitHubError> {
        let call = self.repo_call(Method::POST, repo, ["security-advisories", id.as_str(), "forks"]);
        let found = self.advisory(repo, id).await?.ok_or_else(|| call.fails(Class::NotFound))?;
        if let Some(fork) = found.private_fork {
            return Ok(ForkRequest::Exists(fork));
        }
        let made: WireNamed = self.fetch(call).await?;
        Ok(ForkRequest::Accepted(made.full_name))
    }
}
