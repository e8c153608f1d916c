//! Merging: only at the head that was proven, and tried again only when GitHub has refused for the moment.

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::{Class, Error};
use super::pulls::{Pull, PullState};
use crate::egress::Permit;
use crate::ids::{CommitId, RepoName};

/// How commits are brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeMethod {
    /// A merge commit.
    Merge,
    /// One new commit.
    Squash,
    /// The commits again, on top.
    Rebase,
}

impl MergeMethod {
    fn word(self) -> &'static str {
        match self {
            MergeMethod::Merge => "merge",
            MergeMethod::Squash => "squash",
            MergeMethod::Rebase => "rebase",
        }
    }
}

/// A merge to be made.
#[derive(Debug, Clone)]
pub struct MergeRequest {
    /// The head that was proven; GitHub refuses when the branch ends elsewhere.
    pub head: CommitId,
    /// How.
    pub method: MergeMethod,
    /// The subject of the new commit; GitHub's own when `None`.
    pub title: Option<String>,
    /// The text of the new commit; GitHub's own when `None`.
    pub message: Option<String>,
}

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// It is merged, as this commit.
    Merged(CommitId),
    /// Somebody had merged it.
    AlreadyMerged(Option<CommitId>),
}

/// The times a merge is repeated when the base moved at the same moment, and the wait before each.
const BASE_MOVED: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15)];

impl Client {
    /// Merges at exactly the given head. When the base moved at the same moment it tries again, which is safe:
    /// GitHub has refused, and the head is still named.
    ///
    /// # Errors
    /// [`Class::NotMergeable`], [`Class::HeadModified`], [`Class::ChecksExpected`], [`Class::ReviewRequired`],
    /// [`Class::RuleViolation`]; [`Class::ForbiddenOnWorkspace`] in a temporary private fork.
    pub async fn merge_pull(
        &self,
        repo: &RepoName,
        number: u64,
        request: &MergeRequest,
        permit: &Permit,
    ) -> Result<Merge, Error> {
        for wait in BASE_MOVED {
            match self.merge_once(repo, number, request, permit).await {
                Err(error) if error.class == Class::BaseModified => self.clock().sleep(wait).await,
                outcome => return outcome,
            }
        }
        self.merge_once(repo, number, request, permit).await
    }

    async fn merge_once(
        &self,
        repo: &RepoName,
        number: u64,
        request: &MergeRequest,
        permit: &Permit,
    ) -> Result<Merge, Error> {
        #[derive(Deserialize)]
        struct Merged {
            sha: CommitId,
        }
        let mut body = json!({"sha": request.head, "merge_method": request.method.word()});
        for (key, value) in [("commit_title", &request.title), ("commit_message", &request.message)] {
            if let Some(value) = value {
                body[key] = json!(value);
            }
        }
        let call = self.repo_call(Method::PUT, repo, ["pulls", &number.to_string(), "merge"]).body(body);
        match self.act(repo, permit, call).await {
            Ok(answer) => Ok(Merge::Merged(answer.json::<Merged>()?.sha)),
            // GitHub answers a second merge like a conflict.
            Err(error) if error.class == Class::NotMergeable => match self.pull(repo, number).await? {
                Some(Pull { state: PullState::Merged(commit), .. }) => Ok(Merge::AlreadyMerged(commit)),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }
}
