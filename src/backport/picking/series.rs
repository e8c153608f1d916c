//! Which commits make up a fix that came as a pull request.

use super::stack::Merges;
use crate::git::CommitInfo;
use crate::git::{GitError, Store};
use crate::ids::CommitId;

/// A pull request, as far as its commits go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullCommits {
    /// The head of the branch it is meant for.
    pub base: CommitId,
    /// The pull request's own head.
    pub head: CommitId,
    /// GitHub's `merge_commit_sha` of a merged pull request; `None` while it is open, as in a private fork.
    pub merged_as: Option<CommitId>,
}

/// How a pull request got into its branch. GitHub does not say; the commits do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HowMerged {
    /// It has not been merged.
    Open,
    /// One new commit holds everything.
    Squash,
    /// New commits, one for each of the pull request's.
    Rebase,
    /// A merge commit with the pull request's head as second parent.
    Merge,
    /// The merged commit is not here, so the pull request's own commits are taken.
    Unknown,
}

/// The commits to pick, oldest first, and how they were found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Series {
    /// The commits, oldest first.
    pub commits: Vec<CommitId>,
    /// How the pull request was merged.
    pub method: HowMerged,
    /// Merges inside the pull request ("update branch") that were left out.
    pub left_out: Vec<CommitId>,
}

/// What changed in a series between two looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct SeriesChange {
    /// Commits that are new.
    pub came: Vec<CommitId>,
    /// Commits that are there no more.
    pub went: Vec<CommitId>,
}

impl SeriesChange {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.came.is_empty() && self.went.is_empty()
    }
}

impl Series {
    /// What `now` has that this series has not, and the other way round.
    #[must_use]
    pub fn change_to(&self, now: &Series) -> SeriesChange {
        let missing = |of: &[CommitId], from: &[CommitId]| -> Vec<CommitId> {
            of.iter().filter(|commit| !from.contains(commit)).cloned().collect()
        };
        SeriesChange {
            came: missing(&now.commits, &self.commits),
            went: missing(&self.commits, &now.commits),
        }
    }
}

impl Store {
    /// The commits of a pull request that are to be picked.
    ///
    /// A squashed one gives its squash commit, a rebased one the rebased commits, any other its own commits.
    ///
    /// # Errors
    /// [`GitError::MergeInSeries`] if there is a merge in it and the policy is [`Merges::Fail`];
    /// [`GitError::Missing`] if its head or base is not here.
    pub fn series(&self, pull: &PullCommits, merges: Merges) -> Result<Series, GitError> {
        let merged = pull.merged_as.as_ref().map(|commit| self.commit_info(commit)).transpose();
        let merged = match merged {
            Ok(merged) => merged,
            Err(GitError::Missing { .. }) => return self.own_commits(pull, HowMerged::Unknown, merges),
            Err(error) => return Err(error),
        };
        let Some(merged) = merged else { return self.own_commits(pull, HowMerged::Open, merges) };
        if let [into, head, ..] = merged.parents.as_slice() {
            let own = PullCommits { base: into.clone(), head: head.clone(), merged_as: None };
            return self.own_commits(&own, HowMerged::Merge, merges);
        }
        let own = self.own_commits(pull, HowMerged::Rebase, Merges::Skip)?;
        if let Some(rebased) = self.rebased(&own.commits, &merged)? {
            return Ok(Series { commits: rebased, ..own });
        }
        Ok(Series { commits: vec![merged.id], method: HowMerged::Squash, left_out: Vec::new() })
    }

    fn own_commits(&self, pull: &PullCommits, method: HowMerged, policy: Merges) -> Result<Series, GitError> {
        let (mut commits, mut left_out) = (Vec::new(), Vec::new());
        for commit in self.commits_between(&pull.base, &pull.head)? {
            match (self.commit_info(&commit)?.is_merge(), policy) {
                (false, _) | (true, Merges::FirstParent) => commits.push(commit),
                (true, Merges::Skip) => left_out.push(commit),
                (true, Merges::Fail) => return Err(GitError::MergeInSeries { commit: commit.to_string() }),
            }
        }
        Ok(Series { commits, method, left_out })
    }

    /// The commits that end in `last` and are the pull request's own, made again; `None` if they are not.
    fn rebased(&self, own: &[CommitId], last: &CommitInfo) -> Result<Option<Vec<CommitId>>, GitError> {
        let mut found = Vec::new();
        let mut here = last.clone();
        for original in own.iter().rev() {
            let original = self.commit_info(original)?;
            if original.subject() != here.subject() || original.author != here.author {
                return Ok(None);
            }
            found.push(here.id.clone());
            match here.parents.as_slice() {
                [parent] => here = self.commit_info(parent)?,
                _ => break,
            }
        }
        found.reverse();
        Ok((!found.is_empty() && found.len() == own.len()).then_some(found))
    }
}
