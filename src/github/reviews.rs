//! Reviews of pull requests: who approved what, and asking somebody for one.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::GitHubError;
use super::pulls::WireUser;
use crate::egress::Permit;
use crate::ids::{CommitId, Login, RepoName};

/// What a reviewer thinks of a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewOpinion {
    /// It is approved.
    Approved,
    /// Something has to change first.
    ChangesRequested,
    /// A comment, or a review that was dismissed or is not submitted.
    None,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WireReview")]
pub struct PullReview {
    /// Who wrote it; `None` for an account that is gone. A plain string, since bots review, too.
    pub author: Option<String>,
    /// What it says.
    pub opinion: ReviewOpinion,
    /// The commit that was reviewed; `None` when it is gone.
    pub commit: Option<CommitId>,
}

#[derive(Deserialize)]
struct WireReview {
    user: Option<WireUser>,
    state: String,
    commit_id: Option<CommitId>,
}

impl From<WireReview> for PullReview {
    fn from(wire: WireReview) -> PullReview {
        let opinion = match wire.state.as_str() {
            "APPROVED" => ReviewOpinion::Approved,
            "CHANGES_REQUESTED" => ReviewOpinion::ChangesRequested,
            _ => ReviewOpinion::None,
        };
        PullReview { author: wire.user.map(|user| user.login), opinion, commit: wire.commit_id }
    }
}

impl Client {
    /// The reviews of a pull request, oldest first.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn reviews(&self, repo: &RepoName, number: u64) -> Result<Vec<PullReview>, GitHubError> {
        self.list(self.repo_call(Method::GET, repo, ["pulls", &number.to_string(), "reviews"])).await
    }

    /// Asks people to review a pull request; who is asked already is not asked twice.
    ///
    /// # Errors
    /// [`super::Class::Invalid`] when one of them is its author or no collaborator: then nobody is asked.
    pub async fn request_reviewers(
        &self,
        repo: &RepoName,
        number: u64,
        reviewers: &[&Login],
        permit: &Permit,
    ) -> Result<(), GitHubError> {
        let call = self.repo_call(Method::POST, repo, ["pulls", &number.to_string(), "requested_reviewers"]);
        self.act(repo, permit, call.body(json!({"reviewers": reviewers}))).await.map(drop)
    }
}
