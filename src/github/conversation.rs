//! What is said on a pull request: comments, labels, approvals.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::Error;
use super::pulls::User;
use crate::egress::Permit;
use crate::ids::{CommitId, RepoName};

/// A comment on a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Who wrote it.
    pub author: Option<String>,
    /// Its text.
    pub body: String,
    /// Its page.
    pub url: String,
}

#[derive(Deserialize)]
struct WireComment {
    html_url: String,
    body: Option<String>,
    user: Option<User>,
}

impl From<WireComment> for Comment {
    fn from(wire: WireComment) -> Comment {
        Comment {
            author: wire.user.map(|user| user.login),
            body: wire.body.unwrap_or_default(),
            url: wire.html_url,
        }
    }
}

impl Client {
    /// The comments, oldest first: looked through before one is written.
    ///
    /// # Errors
    /// [`super::Class::NotFound`] in a temporary private fork.
    pub async fn comments(&self, repo: &RepoName, number: u64) -> Result<Vec<Comment>, Error> {
        let call = self.repo_call(Method::GET, repo, ["issues", &number.to_string(), "comments"]);
        let all: Vec<WireComment> = self.pages(call, |page: Vec<WireComment>| page).await?;
        Ok(all.into_iter().map(Comment::from).collect())
    }

    /// Writes a comment. A temporary private fork refuses it (404): put the text into the pull request's body.
    ///
    /// # Errors
    /// [`super::Class::NotFound`] or [`super::Class::ForbiddenOnWorkspace`] in a temporary private fork.
    pub async fn comment(
        &self,
        repo: &RepoName,
        number: u64,
        text: &str,
        permit: &Permit,
    ) -> Result<Comment, Error> {
        let call = self
            .repo_call(Method::POST, repo, ["issues", &number.to_string(), "comments"])
            .body(json!({"body": text}));
        Ok(self.act(repo, permit, call).await?.json::<WireComment>()?.into())
    }

    /// Puts labels on a pull request; those it has stay.
    ///
    /// # Errors
    /// [`Error`] when GitHub refuses or cannot be asked.
    pub async fn add_labels(
        &self,
        repo: &RepoName,
        number: u64,
        labels: &[String],
        permit: &Permit,
    ) -> Result<(), Error> {
        let call = self
            .repo_call(Method::POST, repo, ["issues", &number.to_string(), "labels"])
            .body(json!({"labels": labels}));
        self.act(repo, permit, call).await.map(drop)
    }

    /// Approves the pull request at this commit.
    ///
    /// # Errors
    /// [`super::Class::SelfApproval`] for one's own.
    pub async fn approve_pull(
        &self,
        repo: &RepoName,
        number: u64,
        at: &CommitId,
        permit: &Permit,
    ) -> Result<(), Error> {
        let call = self
            .repo_call(Method::POST, repo, ["pulls", &number.to_string(), "reviews"])
            .body(json!({"event": "APPROVE", "commit_id": at}));
        self.act(repo, permit, call).await.map(drop)
    }
}
