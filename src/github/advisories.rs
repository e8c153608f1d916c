//! Requests about repository security advisories: the draft, its private fork, its CVE, its publication.

use http::Method;
use serde_json::{Value, json};

use super::advisory::{AdvisoryEdit, RepositoryAdvisory, RepositoryAdvisoryState};
use super::client::Client;
use super::error::{Class, GitHubError};
use super::repository::WireNamed;
use crate::egress::{Disclosed, Permit};
use crate::ids::{CveId, GhsaId, RepoName};

/// The result of a CVE request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CveRequest {
    /// Requested. People at GitHub answer, usually within days; it has taken a month.
    Requested,
    /// The advisory already has one.
    Assigned(CveId),
    /// GitHub refused, usually because of an earlier request; with its message.
    Refused(String),
}

/// The result of requesting a private fork.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForkRequest {
    /// GitHub is creating it under this name; it takes up to five minutes.
    Accepted(RepoName),
    /// It already existed.
    Exists(RepoName),
}

/// The result of a change of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateChange {
    /// Changed.
    Changed,
    /// It already was in that state.
    AlreadySo,
}

/// The result of a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Publication {
    /// Published now.
    Published(RepositoryAdvisory),
    /// Somebody else published it first.
    AlreadyPublished(RepositoryAdvisory),
}

impl Client {
    /// The advisory; `None` when it does not exist or this token may not see it.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn advisory(
        &self,
        repo: &RepoName,
        id: &GhsaId,
    ) -> Result<Option<RepositoryAdvisory>, GitHubError> {
        let call = self.repo_call(Method::GET, repo, ["security-advisories", id.as_str()]);
        self.look(call).await
    }

    /// The advisories of a repository, in one state or in every one that this token may see.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn advisories(
        &self,
        repo: &RepoName,
        state: Option<RepositoryAdvisoryState>,
    ) -> Result<Vec<RepositoryAdvisory>, GitHubError> {
        // Paged by cursor; the `Link` header carries it.
        let call = self
            .repo_call(Method::GET, repo, ["security-advisories"])
            .query_if("state", state.map(RepositoryAdvisoryState::word));
        self.list(call).await
    }

    /// Changes fields. With [`Permit::Private`] the advisory is read first, and must not be public.
    ///
    /// # Errors
    /// [`Class::Invalid`] for a value that GitHub rejects; [`Class::NotPrivate`] when the advisory is public.
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
        self.fetch(call).await
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

    /// Publishes the advisory. Only the release-day gate can make a [`Disclosed`].
    ///
    /// # Errors
    /// [`Class::Invalid`] when pull requests of the fork are open, or the fork must be deleted first: sources
    /// disagree about what GitHub requires, so close them, back up the fork, and look again.
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

    /// Requests a CVE from GitHub. Nothing becomes public.
    ///
    /// # Errors
    /// [`Class::NotFound`], [`Class::Forbidden`]; a repeated request is a result, not an error.
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

    /// Requests the temporary private fork, unless there is one: the text of the 422 for a repeated request is
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
