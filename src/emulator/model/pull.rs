//! Pull requests, with their reviews, comments and labels.

use git2::Oid;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::emulator::spec::MergeStyle;
use crate::ids::{CommitId, Login, RepoName};

/// Where a pull request stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StoredPullState {
    /// Open.
    Open,
    /// Closed without being merged.
    Closed {
        /// When.
        at: Timestamp,
    },
    /// Merged.
    Merged {
        /// When.
        at: Timestamp,
        /// By whom.
        by: Login,
        /// The commit that the base branch then pointed at.
        commit: CommitId,
    },
}

/// What the server knows about a merge of two commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mergeability {
    /// Asked for and not yet computed: the next question gets an answer.
    Computing,
    /// It merges.
    Clean,
    /// It conflicts.
    Conflicting,
}

/// The verdict for one pair of commits; any other pair makes it void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MergeAssessment {
    pub(crate) base: CommitId,
    pub(crate) head: CommitId,
    pub(crate) verdict: Mergeability,
}

/// A merge that is about to move the base branch: written before, so that a crash between the two writes
/// leaves no merged branch with an open pull request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MergeIntent {
    pub(crate) commit: CommitId,
    pub(crate) by: Login,
    pub(crate) at: Timestamp,
}

/// A review.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Review {
    pub(crate) id: u64,
    pub(crate) author: Login,
    /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `PENDING` or `DISMISSED`.
    pub(crate) state: String,
    pub(crate) body: String,
    pub(crate) commit: CommitId,
    pub(crate) submitted_at: Timestamp,
}

/// A comment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) author: Login,
    pub(crate) body: String,
    pub(crate) created_at: Timestamp,
}

/// A pull request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredPull {
    pub(crate) id: u64,
    pub(crate) repo: RepoName,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) author: Login,
    pub(crate) head_repo: RepoName,
    pub(crate) head_branch: String,
    /// The head as the server last saw it.
    pub(crate) head: CommitId,
    pub(crate) base_branch: String,
    /// The base's tip when the head was last seen.
    pub(crate) base: CommitId,
    pub(crate) state: StoredPullState,
    pub(crate) draft: bool,
    pub(crate) maintainer_can_modify: bool,
    pub(crate) labels: Vec<String>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) reviews: Vec<Review>,
    pub(crate) requested_reviewers: Vec<Login>,
    #[serde(default)]
    pub(crate) assignees: Vec<Login>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) assessment: Option<MergeAssessment>,
    pub(crate) merging: Option<MergeIntent>,
    /// Its place in the merge queue.
    #[serde(default)]
    pub(crate) queued: Option<QueueEntry>,
    /// Each time that it left the merge queue, oldest first.
    #[serde(default)]
    pub(crate) left_queue: Vec<QueueExit>,
}

/// A pull request's place in the merge queue of its base.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct QueueEntry {
    pub(crate) id: u64,
    pub(crate) by: Login,
    pub(crate) at: Timestamp,
    /// The head that was added.
    pub(crate) head: CommitId,
    pub(crate) method: MergeStyle,
    /// The message of the commit to be made.
    pub(crate) message: String,
    /// What it will be merged onto: the branch's tip, or what is before it in the queue.
    pub(crate) base: CommitId,
    /// What the branch becomes if the checks on it are green.
    pub(crate) group: CommitId,
}

impl QueueEntry {
    /// The branch on which the checks of the group run.
    pub(crate) fn branch(&self, pull: &StoredPull) -> String {
        format!("gh-readonly-queue/{}/pr-{}-{}", pull.base_branch, pull.number, self.base)
    }
}

/// The end of a pull request's stay in the merge queue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct QueueExit {
    pub(crate) id: u64,
    pub(crate) at: Timestamp,
    pub(crate) by: Login,
    pub(crate) head: CommitId,
    /// `merged`, `failed_checks`, …
    pub(crate) reason: String,
}

/// What every pull request begins with.
pub(crate) struct PullBeginning {
    pub(crate) id: u64,
    pub(crate) repo: RepoName,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) author: Login,
    /// The repository and the branch of its head.
    pub(crate) from: (RepoName, String),
    pub(crate) head: CommitId,
    pub(crate) base_branch: String,
    pub(crate) base: CommitId,
    pub(crate) at: Timestamp,
}

impl From<PullBeginning> for StoredPull {
    /// Open, without a text, and seen by nobody.
    fn from(begun: PullBeginning) -> StoredPull {
        StoredPull {
            id: begun.id,
            repo: begun.repo,
            number: begun.number,
            title: begun.title,
            body: None,
            author: begun.author,
            head_repo: begun.from.0,
            head_branch: begun.from.1,
            head: begun.head,
            base_branch: begun.base_branch,
            base: begun.base,
            state: StoredPullState::Open,
            draft: false,
            maintainer_can_modify: false,
            labels: Vec::new(),
            comments: Vec::new(),
            reviews: Vec::new(),
            requested_reviewers: Vec::new(),
            assignees: Vec::new(),
            created_at: begun.at,
            updated_at: begun.at,
            assessment: None,
            merging: None,
            queued: None,
            left_queue: Vec::new(),
        }
    }
}

impl StoredPull {
    /// The key of its document: in order of numbers within a repository.
    pub(crate) fn key(repo: &RepoName, number: u64) -> String {
        format!("{repo}#{number:08}")
    }

    /// The key of its own document.
    pub(crate) fn document(&self) -> String {
        StoredPull::key(&self.repo, self.number)
    }

    /// The reference that follows its head.
    pub(crate) fn head_reference(&self) -> String {
        format!("refs/pull/{}/head", self.number)
    }

    /// Whether it is open.
    pub(crate) fn is_open(&self) -> bool {
        self.state == StoredPullState::Open
    }

    /// `owner:branch`, as filters and messages name the head.
    pub(crate) fn label(&self) -> String {
        format!("{}:{}", self.head_repo.owner(), self.head_branch)
    }

    /// The verdict for these two commits, if it is known.
    pub(crate) fn verdict(&self, base: Oid, head: Oid) -> Option<Mergeability> {
        let known = self.assessment.as_ref()?;
        let same = known.base.as_str() == base.to_string() && known.head.as_str() == head.to_string();
        same.then_some(known.verdict)
    }

    /// Who approves: of each person the last word counts, where it must be `fresh` only for the present head.
    pub(crate) fn approving(&self, fresh: bool) -> Vec<&Login> {
        let mut last = std::collections::BTreeMap::new();
        for review in &self.reviews {
            if matches!(review.state.as_str(), "APPROVED" | "CHANGES_REQUESTED") {
                last.insert(&review.author, review);
            }
        }
        let counts = |review: &&Review| review.state == "APPROVED" && (!fresh || review.commit == self.head);
        last.into_values().filter(counts).map(|review| &review.author).collect()
    }
}
