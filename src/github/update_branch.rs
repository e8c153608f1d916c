//! Bringing the branch of a pull request up to date with its base, where a rule requires it.

use http::Method;
use serde_json::json;

use super::client::Client;
use super::error::GitHubError;
use crate::egress::Permit;
use crate::ids::{CommitId, RepoName};

impl Client {
    /// Merges the base into the pull request's branch, if that is still at `expected`. GitHub does it in the
    /// background (202): the new head shows a little later. Not available to GitHub Apps.
    ///
    /// # Errors
    /// [`super::Class::Invalid`] when the branch is at another commit, is up to date, or conflicts with its base.
    pub async fn update_branch(
        &self,
        repo: &RepoName,
        number: u64,
        expected: &CommitId,
        permit: &Permit,
    ) -> Result<(), GitHubError> {
        let call = self
            .repo_call(Method::PUT, repo, ["pulls", &number.to_string(), "update-branch"])
            .body(json!({"expected_head_sha": expected}));
        self.act(repo, permit, call).await.map(drop)
    }
}
