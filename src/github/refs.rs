//! References, annotated tags, branches and commits.
//!
//! References are moved and deleted by a push with an expected old id, never here: GitHub's own calls cannot
//! say what they expect to find. Creation is safe, since it fails when the reference exists.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::{Class, Error};
use crate::egress::Permit;
use crate::ids::{BranchName, CommitId, RepoName, TreeId};

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

/// What came of creating a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefCreation {
    /// It is made.
    Created,
    /// It was there already, at this commit.
    Exists(CommitId),
}

/// A branch and its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Its name.
    pub name: BranchName,
    /// Its last commit.
    pub head: CommitId,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// The tree it records.
    pub tree: TreeId,
    /// Its parents in order.
    pub parents: Vec<CommitId>,
    /// Its whole message.
    pub message: String,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type")]
    kind: String,
    sha: CommitId,
}

#[derive(Deserialize)]
struct Pointer {
    #[serde(rename = "ref")]
    name: String,
    object: Object,
}

/// A tag may point at a tag; nobody needs more than this many.
const NESTED_TAGS: usize = 4;

impl Client {
    /// The commit that a reference stands at, annotated tags followed; `None` when it does not exist.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn reference(&self, repo: &RepoName, name: &Ref) -> Result<Option<CommitId>, Error> {
        let short = name.short();
        let call = self.repo_call(Method::GET, repo, ["git", "ref"].into_iter().chain(short.split('/')));
        let found: Option<Pointer> = self.look(call).await?;
        match found {
            Some(pointer) => self.peel(repo, pointer.object).await.map(Some),
            None => Ok(None),
        }
    }

    /// The head of a branch.
    ///
    /// # Errors
    /// As [`Client::reference`].
    pub async fn branch_head(&self, repo: &RepoName, branch: &BranchName) -> Result<Option<CommitId>, Error> {
        self.reference(repo, &Ref::Branch(branch.clone())).await
    }

    /// The commit of a tag.
    ///
    /// # Errors
    /// As [`Client::reference`].
    pub async fn tag(&self, repo: &RepoName, tag: &str) -> Result<Option<CommitId>, Error> {
        self.reference(repo, &Ref::Tag(tag.to_owned())).await
    }

    async fn peel(&self, repo: &RepoName, object: Object) -> Result<CommitId, Error> {
        #[derive(Deserialize)]
        struct Tag {
            object: Object,
        }
        let mut object = object;
        for _ in 0..NESTED_TAGS {
            if object.kind != "tag" {
                break;
            }
            let call = self.repo_call(Method::GET, repo, ["git", "tags", object.sha.as_str()]);
            object = self.fetch::<Tag>(call).await?.object;
        }
        Ok(object.sha)
    }

    /// The full names below `prefix` (`heads/release/`, `tags/v`) with the objects they name; annotated tags are
    /// not followed.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn matching_refs(
        &self,
        repo: &RepoName,
        prefix: &str,
    ) -> Result<Vec<(String, CommitId)>, Error> {
        let call =
            self.repo_call(Method::GET, repo, ["git", "matching-refs"].into_iter().chain(prefix.split('/')));
        let all: Vec<Pointer> = self.pages(call, |page: Vec<Pointer>| page).await?;
        Ok(all.into_iter().map(|pointer| (pointer.name, pointer.object.sha)).collect())
    }

    /// Every branch with its head.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn branches(&self, repo: &RepoName) -> Result<Vec<Branch>, Error> {
        #[derive(Deserialize)]
        struct Wire {
            name: BranchName,
            commit: Head,
        }
        #[derive(Deserialize)]
        struct Head {
            sha: CommitId,
        }
        let call = self.repo_call(Method::GET, repo, ["branches"]);
        let all: Vec<Wire> = self.pages(call, |page: Vec<Wire>| page).await?;
        Ok(all.into_iter().map(|wire| Branch { name: wire.name, head: wire.commit.sha }).collect())
    }

    /// Makes a reference that must not exist yet.
    ///
    /// # Errors
    /// [`Class::UnknownObject`] when the repository lacks the commit.
    pub async fn create_ref(
        &self,
        repo: &RepoName,
        name: &Ref,
        at: &CommitId,
        permit: &Permit,
    ) -> Result<RefCreation, Error> {
        let body = json!({"ref": format!("refs/{}", name.short()), "sha": at});
        let call = self.repo_call(Method::POST, repo, ["git", "refs"]).body(body);
        match self.act(repo, permit, call).await {
            Ok(_) => Ok(RefCreation::Created),
            Err(error) if error.class == Class::RefExists => match self.reference(repo, name).await? {
                Some(commit) => Ok(RefCreation::Exists(commit)),
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Makes an annotated tag: first the object, which nobody sees, then the reference.
    ///
    /// # Errors
    /// As [`Client::create_ref`].
    pub async fn create_annotated_tag(
        &self,
        repo: &RepoName,
        tag: &str,
        message: &str,
        at: &CommitId,
        permit: &Permit,
    ) -> Result<RefCreation, Error> {
        #[derive(Deserialize)]
        struct Made {
            sha: CommitId,
        }
        let body = json!({"tag": tag, "message": message, "object": at, "type": "commit"});
        let call = self.repo_call(Method::POST, repo, ["git", "tags"]).body(body);
        let made: Made = self.act(repo, permit, call).await?.json()?;
        self.create_ref(repo, &Ref::Tag(tag.to_owned()), &made.sha, permit).await
    }

    /// A commit by its full id; `None` when the repository lacks it.
    ///
    /// # Errors
    /// [`Error`] when GitHub cannot be asked.
    pub async fn commit(&self, repo: &RepoName, id: &CommitId) -> Result<Option<Commit>, Error> {
        #[derive(Deserialize)]
        struct Wire {
            sha: CommitId,
            tree: Tree,
            parents: Vec<Parent>,
            message: String,
        }
        #[derive(Deserialize)]
        struct Tree {
            sha: TreeId,
        }
        #[derive(Deserialize)]
        struct Parent {
            sha: CommitId,
        }
        let call = self.repo_call(Method::GET, repo, ["git", "commits", id.as_str()]);
        let found: Option<Wire> = self.look(call).await?;
        Ok(found.map(|wire| Commit {
            id: wire.sha,
            tree: wire.tree.sha,
            parents: wire.parents.into_iter().map(|parent| parent.sha).collect(),
            message: wire.message,
        }))
    }
}
