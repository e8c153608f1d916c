//! Who may work on a repository.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::GitHubError;
use crate::egress::Permit;
use crate::ids::{Login, RepoName};

/// What somebody may do. GitHub maps finer roles to one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RepoPermission {
    /// Nothing.
    None,
    /// Read.
    Read,
    /// Read and write.
    Write,
    /// Everything.
    Admin,
}

impl RepoPermission {
    fn word(self) -> &'static str {
        match self {
            RepoPermission::None | RepoPermission::Read => "pull",
            RepoPermission::Write => "push",
            RepoPermission::Admin => "admin",
        }
    }
}

/// The result of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invitation {
    /// Sent; the person still has to accept it.
    Invited,
    /// The person is a collaborator already, or belongs to the organisation.
    AlreadyIn,
}

impl Client {
    /// What somebody may do; nothing, for somebody GitHub does not know here.
    ///
    /// # Errors
    /// [`super::Class::Forbidden`] without push access.
    pub async fn permission(&self, repo: &RepoName, login: &Login) -> Result<RepoPermission, GitHubError> {
        #[derive(Deserialize)]
        struct WirePermission {
            permission: String,
        }
        let call = self.repo_call(Method::GET, repo, ["collaborators", login.as_str(), "permission"]);
        let found: Option<WirePermission> = self.look(call).await?;
        Ok(match found.as_ref().map(|wire| wire.permission.as_str()) {
            Some("admin") => RepoPermission::Admin,
            Some("write") => RepoPermission::Write,
            Some("read") => RepoPermission::Read,
            _ => RepoPermission::None,
        })
    }

    /// Invites somebody to a repository.
    ///
    /// # Errors
    /// [`super::Class::Invalid`] for an unknown user; [`super::Class::Forbidden`] without admin access.
    pub async fn invite(
        &self,
        repo: &RepoName,
        login: &Login,
        permission: RepoPermission,
        permit: &Permit,
    ) -> Result<Invitation, GitHubError> {
        let call = self
            .repo_call(Method::PUT, repo, ["collaborators", login.as_str()])
            .body(json!({"permission": permission.word()}));
        let answer = self.act(repo, permit, call).await?;
        Ok(if answer.status == 204 { Invitation::AlreadyIn } else { Invitation::Invited })
    }
}
