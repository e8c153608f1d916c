//! Merging: only at the proven head, and retried only when GitHub refused because the base moved.

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::{Class, GitHubError};
use super::pulls::{PullRequest, PullState};
use crate::egress::Permit;
use crate::ids::{CommitId, RepoName};
use crate::merge_rules::MergeMethod;

/// A requested merge.
#[derive(Debug, Clone)]
pub struct MergeRequest {
    /// The proven head; GitHub refuses when the branch is at another commit.
    pub head: CommitId,
    /// How.
    pub method: MergeMethod,
    /// The subject of the new commit; GitHub's own when `None`.
    pub title: Option<String>,
    /// The text of the new commit; GitHub's own when `None`.
    pub message: Option<String>,
}

/// The result of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeResult {
    /// Merged now, as this commit.
    Merged(CommitId),
    /// Somebody else merged it first.
    AlreadyMerged(Option<CommitId>),
}

/// The waits before each retry of a merge whose base moved at the same time.
const BASE_MOVED: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15)];

impl Client {
    /// Merges at exactly the given head. When the base moved at the same time it retries, which is safe: GitHub
    /// refused, and every attempt names the head.
    ///
    /// # Errors
    /// [`Class::NotMergeable`], [`Class::HeadModified`], [`Class::ChecksExpected`], [`Class::ReviewRequired`],
    /// [`Class::RuleViolation`], [`Class::NotAllowed`]; [`Class::ForbiddenOnWorkspace`] in a temporary private fork.
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
        let mut body = json!({"sha": request.head, "merge_method": request.method.as_str()});
        for (key, value) in [("commit_title", &request.title), ("commit_message", &request.message)] {
            if let Some(value) = value {
                body[key] = json!(value);
            }
        }
        let call = self.repo_call(Method::PUT, repo, ["pulls", &number.to_string(), "merge"]).body(body);
        match self.act(repo, permit, call).await {
            Ok(answer) => Ok(MergeResult::Merged(answer.json::<WireMerged>()?.sha)),
            // GitHub answers a second merge as it answers a conflict.
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
