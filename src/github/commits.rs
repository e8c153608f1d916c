//! Commits as GitHub shows them, before they are fetched.

use http::Method;
use serde::Deserialize;

use super::client::Client;
use super::error::{Class, GitHubError};
use crate::ids::{CommitId, RepoName};

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WireCommit")]
pub struct ListedCommit {
    /// Its id.
    pub id: CommitId,
    /// Its whole message.
    pub message: String,
    /// The mail address of its author.
    pub author_email: String,
    /// Whether it has more than one parent.
    pub is_merge: bool,
    /// The files that it changes; none in a list.
    pub files: Vec<String>,
}

#[derive(Deserialize)]
struct WireCommit {
    sha: CommitId,
    commit: WireTexts,
    #[serde(default)]
    parents: Vec<serde::de::IgnoredAny>,
    #[serde(default)]
    files: Vec<WireFile>,
}

#[derive(Deserialize)]
struct WireTexts {
    message: String,
    author: Option<WireAuthor>,
}

#[derive(Deserialize)]
struct WireAuthor {
    #[serde(default)]
    email: Option<String>,
}

#[derive(Deserialize)]
struct WireFile {
    filename: String,
}

impl From<WireCommit> for ListedCommit {
    fn from(wire: WireCommit) -> ListedCommit {
        ListedCommit {
            id: wire.sha,
            message: wire.commit.message,
            author_email: wire.commit.author.and_then(|author| author.email).unwrap_or_default(),
            is_merge: wire.parents.len() > 1,
            files: wire.files.into_iter().map(|file| file.filename).collect(),
        }
    }
}

impl Client {
    /// A commit with the first 300 files that it changes; `None` where there is none, or this token does not see it.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn commit(&self, repo: &RepoName, id: &CommitId) -> Result<Option<ListedCommit>, GitHubError> {
        match self.look(self.repo_call(Method::GET, repo, ["commits", id.as_str()])).await {
            // "No commit found for SHA"
            Err(GitHubError { class: Class::Invalid { .. }, .. }) => Ok(None),
            found => found,
        }
    }

    /// The first 250 commits of a pull request, oldest first.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn pull_commits(&self, repo: &RepoName, number: u64) -> Result<Vec<ListedCommit>, GitHubError> {
        self.list(self.repo_call(Method::GET, repo, ["pulls", &number.to_string(), "commits"])).await
    }

    /// The first 3000 files that a pull request changes.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn pull_files(&self, repo: &RepoName, number: u64) -> Result<Vec<String>, GitHubError> {
        let files: Vec<WireFile> =
            self.list(self.repo_call(Method::GET, repo, ["pulls", &number.to_string(), "files"])).await?;
        Ok(files.into_iter().map(|file| file.filename).collect())
    }
}
