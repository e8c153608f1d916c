//! Merging: only at the head that was proven, and tried again only when GitHub has refused for the moment.

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::{Class, GitHubError};
use super::pulls::{PullRequest, PullState};
use crate::egress::Permit;
use crate::ids::{CommitId, RepoName};

/// How commits are brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullMergeMethod {
    /// A merge commit.
    Merge,
    /// One new commit.
    Squash,
    /// The commits again, on top.
    Rebase,
}

impl PullMergeMethod {
    fn word(self) -> &'static str {
        match self {
            PullMergeMethod::Merge => "merge",
            PullMergeMethod::Squash => "squash",
            PullMergeMethod::Rebase => "rebase",
        }
    }
}

/// A merge to be made.
#[derive(Debug, Clone)]
pub struct MergeRequest {
    /// The head that was proven; GitHub refuses when the branch ends elsewhere.
    pub head: CommitId,
    /// How.
    pub method: PullMergeMethod,
    /// The subject of the new commit; GitHub's own when `None`.
    pub title: Option<String>,
    /// The text of the new commit; GitHub's own when `None`.
    pub message: Option<String>,
}

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeResult {
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
    ) -> Result<MergeResult, GitHubError> {
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
    ) -> Result<MergeResult, GitHubError> {
        #[derive(Deserialize)]
        struct WireMerged {
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
            Ok(answer) => Ok(MergeResult::Merged(answer.json::<WireMerged>()?.sha)),
            // GitHub answers a second merge like a conflict.
            Err(error) if error.class == Class::NotMergeable => match self.pull(repo, number).await? {
                Some(PullRequest { state: PullState::Merged(commit), .. }) => {
                    Ok(MergeResult::AlreadyMerged(commit))
                }
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }
}
