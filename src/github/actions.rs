//! Workflow runs of GitHub Actions.

use std::collections::BTreeMap;

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::GitHubError;
use crate::egress::Permit;
use crate::ids::{BranchName, CommitId, RepoName};

/// The result of dispatching a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dispatched {
    /// Started, as this run.
    Run {
        /// The run's number.
        id: u64,
        /// Its page.
        url: String,
    },
    /// Started. GitHub did not say which run it became: find it by branch, event and time.
    Unnamed,
}

/// How a run or a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// It succeeded, or there was nothing to do.
    Success,
    /// Cancelled by a person or by a newer run.
    Cancelled,
    /// Any other conclusion, in GitHub's word.
    Failure(String),
}

/// The progress of a run or a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunProgress {
    /// Not started: queued, waiting for an environment, requested, pending.
    Waiting,
    /// A maintainer has to let it start: it is of a pull request from a fork (`action_required`).
    Held,
    /// In progress.
    Running,
    /// Ended.
    Ended(Conclusion),
}

/// A workflow that a repository has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KnownWorkflow {
    /// Its file, `.github/workflows/….yml`.
    pub path: String,
    /// `active`, or how it was disabled, in GitHub's word.
    pub state: String,
}

impl KnownWorkflow {
    /// The name of its file.
    #[must_use]
    pub fn file(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// One run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WireWorkflowRun")]
pub struct WorkflowRun {
    /// Its number.
    pub id: u64,
    /// Its workflow's file, `.github/workflows/….yml`.
    pub path: String,
    /// The event that started it: `push`, `workflow_dispatch`, …
    pub event: String,
    /// The branch it runs on; plain text, because it may be a tag.
    pub branch: Option<String>,
    /// The commit it runs on.
    pub head: CommitId,
    /// Its progress.
    pub progress: RunProgress,
    /// Its page.
    pub url: String,
    /// When it was created.
    pub created: Timestamp,
    /// The number of the attempt, from 1.
    pub attempt: u64,
}

/// A filter for runs.
#[derive(Debug, Clone, Default)]
pub struct RunQuery {
    /// The workflow's file name (`release_process.yml`); every workflow when `None`.
    pub workflow: Option<String>,
    /// The branch.
    pub branch: Option<BranchName>,
    /// The commit.
    pub head: Option<CommitId>,
    /// The event that started it.
    pub event: Option<String>,
    /// Created at this time or later.
    pub since: Option<Timestamp>,
}

#[derive(Deserialize)]
struct WireWorkflowRuns {
    workflow_runs: Vec<WorkflowRun>,
}

#[derive(Deserialize)]
struct WireWorkflowRun {
    id: u64,
    path: String,
    event: String,
    head_branch: Option<String>,
    head_sha: CommitId,
    status: Option<String>,
    conclusion: Option<String>,
    html_url: String,
    created_at: Timestamp,
    run_attempt: Option<u64>,
}

impl From<WireWorkflowRun> for WorkflowRun {
    fn from(wire: WireWorkflowRun) -> WorkflowRun {
        WorkflowRun {
            id: wire.id,
            path: wire.path,
            event: wire.event,
            branch: wire.head_branch,
            head: wire.head_sha,
            progress: progress(wire.status.as_deref(), wire.conclusion),
            url: wire.html_url,
            created: wire.created_at,
            attempt: wire.run_attempt.unwrap_or(1),
        }
    }
}

/// Whether GitHub accepts this conclusion where success is required.
pub(super) fn is_green(conclusion: &str) -> bool {
    matches!(conclusion, "success" | "neutral" | "skipped")
}

fn progress(status: Option<&str>, conclusion: Option<String>) -> RunProgress {
    match (status, conclusion.as_deref()) {
        (Some("completed"), Some(word)) if is_green(word) => RunProgress::Ended(Conclusion::Success),
        // GitHub calls it completed, and it has not begun.
        (Some("completed" | "action_required"), Some("action_required")) => RunProgress::Held,
        (Some("completed"), Some("cancelled")) => RunProgress::Ended(Conclusion::Cancelled),
        (Some("completed"), _) => {
            RunProgress::Ended(Conclusion::Failure(conclusion.unwrap_or_else(|| "no conclusion".to_owned())))
        }
        (Some("in_progress"), _) => RunProgress::Running,
        _ => RunProgress::Waiting,
    }
}

impl Client {
    /// The workflows of a repository.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn workflows(&self, repo: &RepoName) -> Result<Vec<KnownWorkflow>, GitHubError> {
        #[derive(Deserialize)]
        struct WireWorkflows {
            workflows: Vec<KnownWorkflow>,
        }
        let call = self.repo_call(Method::GET, repo, ["actions", "workflows"]);
        self.pages(call, |page: WireWorkflows| page.workflows).await
    }

    /// Starts a workflow on a branch. Never retried: a second dispatch may cancel the first, as in WAMR.
    ///
    /// # Errors
    /// [`Class::NotFound`](super::Class::NotFound) for an unknown workflow;
    /// [`Class::Invalid`](super::Class::Invalid) when it has no `workflow_dispatch` trigger,
    /// lacks an input, or the branch is unknown.
    pub async fn dispatch(
        &self,
        repo: &RepoName,
        workflow: &str,
        branch: &BranchName,
        inputs: &BTreeMap<String, String>,
        permit: &Permit,
    ) -> Result<Dispatched, GitHubError> {
        #[derive(Deserialize)]
        struct WireDispatch {
            workflow_run_id: u64,
            html_url: String,
        }
        let body = json!({"ref": branch, "inputs": inputs, "return_run_details": true});
        let call =
            self.repo_call(Method::POST, repo, ["actions", "workflows", workflow, "dispatches"]).body(body);
        let answer = self.act(repo, permit, call).await?;
        if answer.status == 204 {
            return Ok(Dispatched::Unnamed);
        }
        let details: WireDispatch = answer.json()?;
        Ok(Dispatched::Run { id: details.workflow_run_id, url: details.html_url })
    }

    /// The matching runs, newest first. The list lags a dispatch by a few seconds.
    ///
    /// # Errors
    /// [`Class::NotFound`](super::Class::NotFound) for an unknown workflow.
    pub async fn workflow_runs(
        &self,
        repo: &RepoName,
        query: &RunQuery,
    ) -> Result<Vec<WorkflowRun>, GitHubError> {
        let call = match &query.workflow {
            Some(workflow) => self.repo_call(Method::GET, repo, ["actions", "workflows", workflow, "runs"]),
            None => self.repo_call(Method::GET, repo, ["actions", "runs"]),
        };
        let call = call
            .query_if("branch", query.branch.as_ref())
            .query_if("head_sha", query.head.as_ref())
            .query_if("event", query.event.as_ref())
            .query_if("created", query.since.map(|since| format!(">={}", to_the_second(since))))
            .query("exclude_pull_requests", "true");
        let all = self.pages(call, |page: WireWorkflowRuns| page.workflow_runs).await?;
        let since = query.since.map(to_the_second);
        Ok(all.into_iter().filter(|run| since.is_none_or(|since| run.created >= since)).collect())
    }

    /// One run; `None` when no run has this number.
    ///
    /// # Errors
    /// [`GitHubError`] when the request fails.
    pub async fn workflow_run(&self, repo: &RepoName, id: u64) -> Result<Option<WorkflowRun>, GitHubError> {
        self.look(self.repo_call(Method::GET, repo, ["actions", "runs", &id.to_string()])).await
    }

    /// Lets a run start that waits for a maintainer.
    ///
    /// # Errors
    /// [`Class::Forbidden`](super::Class::Forbidden) when it waits for none, or this token may not.
    pub async fn approve_run(&self, repo: &RepoName, run: u64, permit: &Permit) -> Result<(), GitHubError> {
        let call = self.repo_call(Method::POST, repo, ["actions", "runs", &run.to_string(), "approve"]);
        self.act(repo, permit, call).await.map(drop)
    }

    /// Reruns the failed jobs of a run, as its next attempt.
    ///
    /// # Errors
    /// [`Class::Forbidden`](super::Class::Forbidden) when the run is in progress, or older than a month.
    pub async fn rerun_failed_jobs(
        &self,
        repo: &RepoName,
        run: u64,
        permit: &Permit,
    ) -> Result<(), GitHubError> {
        let call = self
            .repo_call(Method::POST, repo, ["actions", "runs", &run.to_string(), "rerun-failed-jobs"])
            .body(json!({}));
        self.act(repo, permit, call).await.map(drop)
    }
}

/// GitHub keeps whole seconds: a run created within the same second as `time` must count as later.
fn to_the_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
