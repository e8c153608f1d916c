//! What fixes have to do with one another: which were written on top of which, and which hold the same work.
//!
//! A release asks it for each of its branches, of every two fixes of a repository; what was found out once serves all.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::git::{CommitInfo, GitError, Store};
use crate::ids::CommitId;

/// What is known of the fixes of each repository. Commits are named by what they are, so it is never stale.
#[derive(Default)]
pub struct Kinships(Mutex<BTreeMap<PathBuf, Kinship>>);

#[derive(Default)]
struct Kinship {
    /// By the last commit of the one, and the first and the last of the other.
    precedes: HashMap<(CommitId, CommitId, CommitId), bool>,
    shares: HashMap<(Vec<CommitId>, Vec<CommitId>), bool>,
    paths: HashMap<CommitId, Arc<[String]>>,
}

impl Kinships {
    /// Whether a series of commits ends in the history of the other, which is more than the same.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a commit is not in the store.
    pub fn precedes(
        &self,
        store: &Store,
        earlier: &[CommitId],
        later: &[CommitId],
    ) -> Result<bool, GitError> {
        let (Some(end), [first, ..], Some(last)) = (earlier.last(), later, later.last()) else {
            return Ok(false);
        };
        if end == last {
            return Ok(earlier.len() < later.len());
        }
        let key = (end.clone(), first.clone(), last.clone());
        if let Some(known) = self.of(store, |kinship| kinship.precedes.get(&key).copied()) {
            return Ok(known);
        }
        let below =
            if store.is_ancestor(end, last)? { Below::Made } else { is_made_again_below(store, end, first)? };
        if below != Below::Missing {
            self.of(store, |kinship| kinship.precedes.insert(key, below == Below::Made));
        }
        Ok(below == Below::Made)
    }

    /// Whether both hold one commit; one that was made again on another base has its author, time and subject.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a commit is not in the store.
    pub fn share(&self, store: &Store, one: &[CommitId], other: &[CommitId]) -> Result<bool, GitError> {
        let key = (one.to_vec(), other.to_vec());
        if let Some(known) = self.of(store, |kinship| kinship.shares.get(&key).copied()) {
            return Ok(known);
        }
        let shares = shares(store, one, other)?;
        self.of(store, |kinship| kinship.shares.insert(key, shares));
        Ok(shares)
    }

    /// The files that a commit changes.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the commit is not in the store.
    pub fn changed_paths(&self, store: &Store, commit: &CommitId) -> Result<Arc<[String]>, GitError> {
        if let Some(known) = self.of(store, |kinship| kinship.paths.get(commit).cloned()) {
            return Ok(known);
        }
        let (before, after) = store.commit_trees(commit)?;
        let paths: Arc<[String]> = store.changed_paths(&before, &after)?.into();
        self.of(store, |kinship| kinship.paths.insert(commit.clone(), Arc::clone(&paths)));
        Ok(paths)
    }

    fn of<T>(&self, store: &Store, work: impl FnOnce(&mut Kinship) -> T) -> T {
        let mut all: MutexGuard<'_, _> = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kinship) = all.get_mut(store.path()) {
            return work(kinship);
        }
        work(all.entry(store.path().to_owned()).or_default())
    }
}

impl fmt::Debug for Kinships {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kinships").finish_non_exhaustive()
    }
}

fn shares(store: &Store, one: &[CommitId], other: &[CommitId]) -> Result<bool, GitError> {
    for commit in one {
        if other.contains(commit) || same_as(store, commit, other)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the work of a commit was made again below another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    Made,
    Not,
    /// The history that is here ends before that can be told.
    Missing,
}

/// Whether a fix that begins with `first` stands on a commit that is the work of this one, made in one go with the fix:
/// so patches stand that were put on top of several fixes.
fn is_made_again_below(store: &Store, end: &CommitId, first: &CommitId) -> Result<Below, GitError> {
    let (own, end) = (store.commit_info(first)?, store.commit_info(end)?);
    let mut below = own.parents.first().cloned();
    while let Some(parent) = below {
        if !store.has_commit(&parent) {
            return Ok(Below::Missing);
        }
        let info = store.commit_info(&parent)?;
        if info.committer != own.committer {
            return Ok(Below::Not);
        }
        if is_same_work(&info, &end) {
            return Ok(Below::Made);
        }
        below = info.parents.into_iter().next();
    }
    Ok(Below::Not)
}

fn is_same_work(one: &CommitInfo, other: &CommitInfo) -> bool {
    one.author == other.author && one.subject() == other.subject()
}

/// Of some commits, the one that is the same work of the same author.
///
/// # Errors
/// [`GitError::Missing`] if a commit is not in the store.
pub fn same_as(store: &Store, commit: &CommitId, among: &[CommitId]) -> Result<Option<CommitId>, GitError> {
    let info = store.commit_info(commit)?;
    for other in among {
        if is_same_work(&store.commit_info(other)?, &info) {
            return Ok(Some(other.clone()));
        }
    }
    Ok(None)
}
