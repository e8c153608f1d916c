//! References, annotated tags, branches and commits.
//!
//! References are moved and deleted by a push with an expected old id, never here: GitHub's own calls cannot
//! say what they expect to find. Creation is safe, since it fails when the reference exists.

use http::Method;
use serde::Deserialize;

use super::client::Client;
use super::error::GitHubError;
use crate::ids::{BranchName, CommitId, RepoName};

/// A reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ref {
    /// `refs/heads/…`
    Branch(BranchName),
    /// `refs/tags/…`, by its short name.
    Tag(String),
}

impl Ref {
    /// The name without `refs/`, as GitHub wants it in a path.
    fn short(&self) -> String {
        match self {
            Ref::Branch(branch) => format!("heads/{branch}"),
            Ref::Tag(tag) => format!("tags/{tag}"),
        }
    }
}

#[derive(Deserialize)]
struct WireObject {
    #[serde(rename = "type")]
    kind: String,
    sha: CommitId,
}

#[derive(Deserialize)]
struct WireRef {
    object: WireObject,
}

/// How many annotated tags are followed: a tag may point at a tag.
const NESTED_TAGS: usize = 4;

impl Client {
    /// The commit that a reference points at, through annotated tags; `None` when it does not exist.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn reference(&self, repo: &RepoName, name: &Ref) -> Result<Option<CommitId>, GitHubError> {
        let short = name.short();
        let call = self.repo_call(Method::GET, repo, ["git", "ref"].into_iter().chain(short.split('/')));
        let found: Option<WireRef> = self.look(call).await?;
        match found {
            Some(pointer) => self.peel(repo, pointer.object).await.map(Some),
            None => Ok(None),
        }
    }

    /// The head of a branch.
    ///
    /// # Errors
    /// As [`Client::reference`].
    pub async fn branch_head(
        &self,
        repo: &RepoName,
        branch: &BranchName,
    ) -> Result<Option<CommitId>, GitHubError> {
        self.reference(repo, &Ref::Branch(branch.clone())).await
    }

    /// The commit of a tag.
    ///
    /// # Errors
    /// As [`Client::reference`].
    pub async fn tag(&self, repo: &RepoName, tag: &str) -> Result<Option<CommitId>, GitHubError> {
        self.reference(repo, &Ref::Tag(tag.to_owned())).await
    }

    async fn peel(&self, repo: &RepoName, object: WireObject) -> Result<CommitId, GitHubError> {
        #[derive(Deserialize)]
        struct WireTag {
            object: WireObject,
        }
        let mut object = object;
        for _ in 0..NESTED_TAGS {
            if object.kind != "tag" {
                break;
            }
            let call = self.repo_call(Method::GET, repo, ["git", "tags", object.sha.as_str()]);
            object = self.fetch::<WireTag>(call).await?.object;
        }
        Ok(object.sha)
    }
}
