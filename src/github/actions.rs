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

/// What came of starting a workflow by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dispatched {
    /// Started, as this run.
    Run {
        /// The run's number.
        id: u64,
        /// Its page.
        url: String,
    },
    /// Started; GitHub does not say as which run, so that it must be looked for by branch, event and time.
    Unnamed,
}

/// How a run or a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// Well, or nothing had to be done.
    Success,
    /// Somebody, or a newer run, stopped it.
    Cancelled,
    /// Any other end, in GitHub's word.
    Failure(String),
}

/// How far a run or a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunProgress {
    /// Not begun: queued, waiting for approval, requested, pending.
    Waiting,
    /// Under way.
    Running,
    /// Ended.
    Ended(Conclusion),
}

/// One run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowRun {
    /// Its number.
    pub id: u64,
    /// Its workflow's file, `.github/workflows/….yml`.
    pub path: String,
    /// What started it: `push`, `workflow_dispatch`, …
    pub event: String,
    /// The branch it runs on; plain text, for it may be a tag.
    pub branch: Option<String>,
    /// The commit it runs on.
    pub head: CommitId,
    /// How far it is.
    pub progress: RunProgress,
    /// Its page.
    pub url: String,
    /// When it was asked for.
    pub created: Timestamp,
    /// The number of the attempt, from 1.
    pub attempt: u64,
}

/// Which runs are looked for.
#[derive(Debug, Clone, Default)]
pub struct RunQuery {
    /// The workflow's file name (`release_process.yml`); every workflow when `None`.
    pub workflow: Option<String>,
    /// The branch.
    pub branch: Option<BranchName>,
    /// The commit.
    pub head: Option<CommitId>,
    /// What started it.
    pub event: Option<String>,
    /// Asked for at this hour or later.
    pub since: Option<Timestamp>,
}

#[derive(Deserialize)]
struct WireWorkflowRuns {
    workflow_runs: Vec<WireWorkflowRun>,
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

fn progress(status: Option<&str>, conclusion: Option<String>) -> RunProgress {
    match (status, conclusion.as_deref()) {
        (Some("completed"), Some("success" | "neutral" | "skipped")) => {
            RunProgress::Ended(Conclusion::Success)
        }
        (Some("completed"), Some("cancelled")) => RunProgress::Ended(Conclusion::Cancelled),
        (Some("completed"), _) => {
            RunProgress::Ended(Conclusion::Failure(conclusion.unwrap_or_else(|| "no conclusion".to_owned())))
        }
        (Some("in_progress"), _) => RunProgress::Running,
        _ => RunProgress::Waiting,
    }
}

impl Client {
    /// Starts a workflow on a branch. Not repeated by itself: a second dispatch may cancel the first, as WAMR's does.
    ///
    /// # Errors
    /// [`Class::NotFound`] for an unknown workflow; [`Class::Invalid`] when it has no `workflow_dispatch` trigger,
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
        if answer.status == 204 || answer.body.trim().is_empty() {
            return Ok(Dispatched::Unnamed);
        }
        let details: WireDispatch = answer.json()?;
        Ok(Dispatched::Run { id: details.workflow_run_id, url: details.html_url })
    }

    /// The runs that fit, newest first. The list lags a dispatch by moments.
    ///
    /// # Errors
    /// [`Class::NotFound`] for an unknown workflow.
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
        let runs = all.into_iter().map(WorkflowRun::from);
        Ok(runs.filter(|run| since.is_none_or(|since| run.created >= since)).collect())
    }

    /// One run; `None` when there is none of this number.
    ///
    /// # Errors
    /// [`GitHubError`] when GitHub cannot be asked.
    pub async fn workflow_run(&self, repo: &RepoName, id: u64) -> Result<Option<WorkflowRun>, GitHubError> {
        let call = self.repo_call(Method::GET, repo, ["actions", "runs", &id.to_string()]);
        Ok(self.look::<WireWorkflowRun>(call).await?.map(WorkflowRun::from))
    }

    /// Runs the failed jobs of a run again, as its next attempt.
    ///
    /// # Errors
    /// [`Class::Forbidden`] when the run is under way or too old (a month).
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

/// GitHub keeps whole seconds: a run asked for within the second of `hour` must count as later.
fn to_the_second(hour: Timestamp) -> Timestamp {
    Timestamp::from_second(hour.as_second()).unwrap_or(hour)
}
