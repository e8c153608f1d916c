//! The event that starts workflows, and what it says on a branch.

use std::fmt;

use crate::skip_mark::SkipMark;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Commits arrive on the branch.
    Push,
    /// The merge queue tests a group for the branch.
    MergeGroup,
    /// A pull request into the branch.
    PullRequest,
    /// Somebody starts it by hand on the branch.
    WorkflowDispatch,
    /// No event: every job of every file as it is written, whatever starts it.
    All,
}

/// An event on a branch of a repository.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CiEvent {
    /// What happens.
    pub kind: EventKind,
    /// The activity: `opened`, `synchronize`, … of a pull request.
    pub action: Option<String>,
    /// The branch: the one that is pushed to, the base of a pull request.
    pub branch: String,
    /// Owner and name of the repository, where they are known.
    pub repository: Option<(String, String)>,
    /// The commit.
    pub commit: String,
    /// The mark in the commit's message with which pushes and pull requests start nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<SkipMark>,
}

impl EventKind {
    /// Its name in workflow files.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::Push => "push",
            EventKind::MergeGroup => "merge_group",
            EventKind::PullRequest => "pull_request",
            EventKind::WorkflowDispatch => "workflow_dispatch",
            EventKind::All => "all",
        }
    }
}

impl CiEvent {
    /// The mark in the commit's message, where this event is one that looks at it.
    pub fn stopped_by(&self) -> Option<&SkipMark> {
        let looks = matches!(self.kind, EventKind::Push | EventKind::PullRequest);
        self.skip.as_ref().filter(|_| looks)
    }
}

impl fmt::Display for CiEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Some(action) if self.kind == EventKind::PullRequest => write!(f, "{}/{action}", self.kind.name()),
            _ => f.write_str(self.kind.name()),
        }
    }
}
