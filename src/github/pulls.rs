//! Pull requests.

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::{Class, GitHubError};
use super::repository::WireNamed;
use crate::egress::Permit;
use crate::ids::{BranchName, CommitId, RepoName};

/// The state of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullState {
    /// Open.
    Open,
    /// Closed without merging.
    Closed,
    /// Merged, with the commit it became where GitHub says so.
    Merged(Option<CommitId>),
}

/// Whether GitHub could merge a pull request now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mergeable {
    /// Without conflict.
    Yes,
    /// With a conflict.
    No,
    /// Not computed yet, or not part of the response (lists never have it): read the pull request itself again.
    Unknown,
}

/// One side of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullEnd {
    /// Its branch.
    pub branch: BranchName,
    /// The branch's last commit that GitHub has seen; lags a push by moments.
    pub commit: CommitId,
    /// The repository of the branch; `None` when it is deleted.
    pub repo: Option<RepoName>,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WirePullRequest")]
pub struct PullRequest {
    /// Its number in the repository.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// Its state.
    pub state: PullState,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// The branch to be merged.
    pub head: PullEnd,
    /// The branch it is to be merged into.
    pub base: PullEnd,
    /// Whether it could be merged.
    pub mergeable: Mergeable,
    /// GitHub's own word for that (`clean`, `blocked`, `behind`, `unstable`, …); for people only.
    pub mergeable_state: Option<String>,
    /// Who opened it; a plain string, since bots have names that no user can have.
    pub author: Option<String>,
    /// Whether somebody is asked for a review that has not come yet.
    pub is_review_requested: bool,
}

#[derive(Deserialize)]
struct WirePullRequest {
    number: u64,
    html_url: String,
    state: String,
    title: String,
    body: Option<String>,
    #[serde(default)]
    draft: bool,
    head: WireEnd,
    base: WireEnd,
    merged_at: Option<Timestamp>,
    merge_commit_sha: Option<CommitId>,
    mergeable: Option<bool>,
    mergeable_state: Option<String>,
    user: Option<WireUser>,
    #[serde(default)]
    requested_reviewers: Vec<WireUser>,
    #[serde(default)]
    requested_teams: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct WireEnd {
    #[serde(rename = "ref")]
    branch: BranchName,
    sha: CommitId,
    repo: Option<WireNamed>,
}

#[derive(Deserialize)]
pub(super) struct WireUser {
    pub(super) login: String,
}

impl From<WireEnd> for PullEnd {
    fn from(wire: WireEnd) -> PullEnd {
        PullEnd { branch: wire.branch, commit: wire.sha, repo: wire.repo.map(|repo| repo.full_name) }
    }
}

impl From<WirePullRequest> for PullRequest {
    fn from(wire: WirePullRequest) -> PullRequest {
        let state = match (wire.merged_at, wire.state.as_str()) {
            (Some(_), _) => PullState::Merged(wire.merge_commit_sha),
            (None, "open") => PullState::Open,
            (None, _) => PullState::Closed,
        };
        let mergeable = match wire.mergeable {
            Some(true) => Mergeable::Yes,
            Some(false) => Mergeable::No,
            None => Mergeable::Unknown,
        };
        PullRequest {
            number: wire.number,
            url: wire.html_url,
            state,
            title: wire.title,
            body: wire.body.unwrap_or_default(),
            draft: wire.draft,
            head: wire.head.into(),
            base: wire.base.into(),
            mergeable,
            mergeable_state: wire.mergeable_state,
            author: wire.user.map(|user| user.login),
            is_review_requested: !wire.requested_reviewers.is_empty() || !wire.requested_teams.is_empty(),
        }
    }
}

impl PullRequest {
    /// Whether it leads from this branch of `head_repo` into that one.
    fn leads(&self, head_repo: &RepoName, head: &BranchName, (repo, base): (&RepoName, &BranchName)) -> bool {
        self.head.branch == *head && self.base.branch == *base && self.comes_from(head_repo, repo)
    }

    /// Whether its branch is in `head`, a fork of `repo` or `repo` itself. Decided by what the response says of its own
    /// two ends: a renamed repository answers under its old name too.
    fn comes_from(&self, head: &RepoName, repo: &RepoName) -> bool {
        let Some(from) = &self.head.repo else { return true };
        let is_fork = self.base.repo.as_ref().is_some_and(|base| base != from);
        from.owner().eq_ignore_ascii_case(head.owner()) && is_fork == (head != repo)
    }
}

/// A filter for pull requests.
#[derive(Debug, Clone, Default)]
pub struct PullQuery {
    /// The owner and name of the branch to be merged. GitHub ignores the filter without the owner.
    pub head: Option<(String, BranchName)>,
    /// The branch it is to be merged into.
    pub base: Option<BranchName>,
    /// Only open ones.
    pub only_open: bool,
}

/// A pull request to be opened.
#[derive(Debug, Clone)]
pub struct NewPullRequest {
    /// The repository of the branch: the pull request's own, or a fork of it.
    pub head_repo: RepoName,
    /// The branch to be merged.
    pub head: BranchName,
    /// The branch it is to be merged into.
    pub base: BranchName,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
}

/// The result of opening a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullCreation {
    /// Opened now.
    Created(PullRequest),
    /// There already is an open one from this branch; compare its head before adopting it.
    AlreadyExists(PullRequest),
    /// The branch has no commits that its base does not have.
    NothingBetween,
}

impl Client {
    /// One pull request; `None` when none has this number.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn pull(&self, repo: &RepoName, number: u64) -> Result<Option<PullRequest>, GitHubError> {
        self.look(self.repo_call(Method::GET, repo, ["pulls", &number.to_string()])).await
    }

    /// The matching pull requests, newest first.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn pulls(&self, repo: &RepoName, query: &PullQuery) -> Result<Vec<PullRequest>, GitHubError> {
        let head = query.head.as_ref().map(|(owner, branch)| format!("{owner}:{branch}"));
        let call = self
            .repo_call(Method::GET, repo, ["pulls"])
            .query("state", if query.only_open { "open" } else { "all" })
            .query_if("head", head)
            .query_if("base", query.base.as_ref());
        self.list(call).await
    }

    /// The pull request of this branch of `head_repo` into that one: the open one, else the last merged, else the
    /// last closed.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn find_pull(
        &self,
        repo: &RepoName,
        head_repo: &RepoName,
        head: &BranchName,
        base: &BranchName,
    ) -> Result<Option<PullRequest>, GitHubError> {
        let query = PullQuery {
            head: Some((head_repo.owner().to_owned(), head.clone())),
            base: Some(base.clone()),
            only_open: false,
        };
        let found = self.pulls(repo, &query).await?;
        // GitHub ignores a filter that it does not understand, and the filter names the owner, not the repository.
        let fitting = found.into_iter().filter(|pull| pull.leads(head_repo, head, (repo, base)));
        Ok(fitting.min_by_key(|pull| match pull.state {
            PullState::Open => 0,
            PullState::Merged(_) => 1,
            PullState::Closed => 2,
        }))
    }

    /// The open pull request of this branch of a private repository into that one, of which few are open at a time: one list
    /// of those into a branch serves all who look at the same moment.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn open_private_pull(
        &self,
        repo: &RepoName,
        head: &BranchName,
        base: &BranchName,
    ) -> Result<Option<PullRequest>, GitHubError> {
        let query = PullQuery { head: None, base: Some(base.clone()), only_open: true };
        let open = self.pulls(repo, &query).await?;
        // GitHub ignores a filter that it does not understand.
        let fits = |pull: &PullRequest| pull.state == PullState::Open && pull.leads(repo, head, (repo, base));
        Ok(open.into_iter().find(fits))
    }

    /// Opens a pull request.
    ///
    /// # Errors
    /// [`Class::PullRefInvalid`] when GitHub does not see one of the branches, or not yet.
    pub async fn create_pull(
        &self,
        repo: &RepoName,
        new: &NewPullRequest,
        permit: &Permit,
    ) -> Result<PullCreation, GitHubError> {
        let mut body = json!({"base": new.base, "title": new.title, "body": new.body});
        body["head"] = json!(format!("{}:{}", new.head_repo.owner(), new.head));
        if new.head_repo.owner() == repo.owner() && new.head_repo != *repo {
            // Both have one owner: `owner:branch` would name the repository's own branch.
            body["head_repo"] = json!(new.head_repo.name());
        }
        let call = self.repo_call(Method::POST, repo, ["pulls"]).body(body);
        match self.act(repo, permit, call).await {
            Ok(answer) => Ok(PullCreation::Created(answer.json()?)),
            Err(error) if error.class == Class::NoCommitsBetween => Ok(PullCreation::NothingBetween),
            Err(error) if error.class == Class::PullExists => {
                let found = self.find_pull(repo, &new.head_repo, &new.head, &new.base).await?;
                found.map(PullCreation::AlreadyExists).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes its title and its text anew.
    ///
    /// # Errors
    /// [`GitHubError`] when GitHub refuses or the request fails.
    pub async fn rewrite_pull(
        &self,
        repo: &RepoName,
        number: u64,
        (title, body): (&str, &str),
        permit: &Permit,
    ) -> Result<PullRequest, GitHubError> {
        let call = self.repo_call(Method::PATCH, repo, ["pulls", &number.to_string()]);
        self.act(repo, permit, call.body(json!({"title": title, "body": body}))).await?.json()
    }

    /// Closes it without merging; closing a closed one changes nothing.
    ///
    /// # Errors
    /// [`GitHubError`] when GitHub refuses or the request fails.
    pub async fn close_pull(
        &self,
        repo: &RepoName,
        number: u64,
        permit: &Permit,
    ) -> Result<PullRequest, GitHubError> {
        let call = self.repo_call(Method::PATCH, repo, ["pulls", &number.to_string()]);
        self.act(repo, permit, call.body(json!({"state": "closed"}))).await?.json()
    }
}
