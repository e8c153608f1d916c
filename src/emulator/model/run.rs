//! Workflow runs and their jobs (which are the check runs). What a job's state is follows from the time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::emulator::spec::ScriptedOutcome;
use crate::ids::{CommitId, Login, RepoName};

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RunEvent {
    /// A push of a branch or tag.
    Push,
    /// A pull request was opened or its head moved.
    PullRequest,
    /// Somebody reviewed a pull request.
    PullRequestReview,
    /// A merge queue is about to merge it.
    MergeGroup,
    /// A dispatch.
    WorkflowDispatch,
}

impl RunEvent {
    /// The word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            RunEvent::Push => "push",
            RunEvent::PullRequest => "pull_request",
            RunEvent::PullRequestReview => "pull_request_review",
            RunEvent::MergeGroup => "merge_group",
            RunEvent::WorkflowDispatch => "workflow_dispatch",
        }
    }
}

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RunPurpose {
    /// Checks.
    Checks,
    /// A release.
    Release,
}

/// A job of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ScriptedJob {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// From when it is visible.
    pub(crate) appears_at: Timestamp,
    /// When it ends; never, if it is stuck.
    pub(crate) ends_at: Option<Timestamp>,
    pub(crate) outcome: ScriptedOutcome,
    pub(crate) attempt: u32,
    /// When it was cancelled.
    pub(crate) cancelled_at: Option<Timestamp>,
}

/// How a job stands at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobState {
    /// Not visible.
    Absent,
    /// Waiting for a runner.
    Queued,
    /// Running.
    Running,
    /// Done, with GitHub's word for the conclusion.
    Done(&'static str),
}

impl JobState {
    /// GitHub's `status`.
    pub(crate) fn status(self) -> &'static str {
        match self {
            JobState::Absent | JobState::Queued => "queued",
            JobState::Running => "in_progress",
            JobState::Done(_) => "completed",
        }
    }

    /// GitHub's `conclusion`.
    pub(crate) fn conclusion(self) -> Option<&'static str> {
        match self {
            JobState::Done(conclusion) => Some(conclusion),
            _ => None,
        }
    }

    /// Whether a rule that requires the check is content.
    pub(crate) fn is_green(self) -> bool {
        matches!(self, JobState::Done("success" | "neutral" | "skipped"))
    }
}

impl ScriptedJob {
    /// How it stands.
    pub(crate) fn state(&self, now: Timestamp) -> JobState {
        if self.cancelled_at.is_some_and(|at| at <= now) {
            return JobState::Done("cancelled");
        }
        if now < self.appears_at {
            return JobState::Absent;
        }
        match self.ends_at {
            None => JobState::Queued,
            Some(end) if now < end => JobState::Running,
            Some(_) => JobState::Done(match self.outcome {
                ScriptedOutcome::Success => "success",
                ScriptedOutcome::Failure => "failure",
                ScriptedOutcome::Neutral => "neutral",
                ScriptedOutcome::Skipped => "skipped",
                ScriptedOutcome::TimedOut => "timed_out",
                ScriptedOutcome::Stuck => "cancelled",
            }),
        }
    }

    /// When it ended, if it has.
    pub(crate) fn ended(&self, now: Timestamp) -> Option<Timestamp> {
        match self.state(now) {
            JobState::Done(_) => self.cancelled_at.or(self.ends_at),
            _ => None,
        }
    }
}

/// A run of a workflow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredRun {
    pub(crate) id: u64,
    pub(crate) repo: RepoName,
    pub(crate) work: RunPurpose,
    /// The workflow's file name.
    pub(crate) workflow: String,
    pub(crate) event: RunEvent,
    /// The branch or tag.
    pub(crate) head_branch: String,
    pub(crate) head: CommitId,
    pub(crate) actor: Login,
    pub(crate) number: u64,
    pub(crate) attempt: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) jobs: Vec<ScriptedJob>,
    /// The base branch of the pull request that started it.
    pub(crate) base_branch: Option<String>,
    /// A maintainer has to let it start; it has no jobs until then.
    #[serde(default)]
    pub(crate) is_held: bool,
}

impl StoredRun {
    /// The key of its document.
    pub(crate) fn key(repo: &RepoName, id: u64) -> String {
        format!("{repo}@{id:010}")
    }

    /// How the whole run stands.
    pub(crate) fn state(&self, now: Timestamp) -> JobState {
        if self.is_held {
            return JobState::Done("action_required");
        }
        let states: Vec<JobState> = self.jobs.iter().map(|job| job.state(now)).collect();
        if states.iter().all(|state| matches!(state, JobState::Done(_))) {
            let worst = |word| states.contains(&JobState::Done(word));
            return JobState::Done(match () {
                () if worst("cancelled") => "cancelled",
                () if worst("failure") => "failure",
                () if worst("timed_out") => "failure",
                () => "success",
            });
        }
        let begun = states.iter().any(|state| matches!(state, JobState::Running | JobState::Done(_)));
        if begun { JobState::Running } else { JobState::Queued }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_is_absent_then_runs_then_is_done() {
        let time = |second| Timestamp::from_second(second).unwrap();
        let job = ScriptedJob {
            id: 1,
            name: "test".to_owned(),
            appears_at: time(10),
            ends_at: Some(time(20)),
            outcome: ScriptedOutcome::Success,
            attempt: 1,
            cancelled_at: None,
        };
        assert_eq!(job.state(time(9)), JobState::Absent);
        assert_eq!(job.state(time(10)), JobState::Running);
        assert!(job.state(time(20)).is_green());
        let stuck = ScriptedJob { ends_at: None, ..job };
        assert_eq!(stuck.state(time(99_999)), JobState::Queued);
    }
}
