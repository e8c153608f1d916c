//! Histories in memory, for what is asked of many heads: a fix's ancestors are walked once, and no commit of a release
//! line is read twice, however many of its tags are looked at.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use git2::Oid;
use jiff::Timestamp;

use super::error::{Doing, GitError};
use super::history::info;
use super::message::{picked_from, reverts};
use super::signature::Signature;
use super::store::{Store, lookup, oid};
use crate::ids::CommitId;

/// How many commits of a branch are read at most. A release line has a few hundred of its own.
const COMMITS: usize = 5_000;

/// What has been read of a repository's history. Ids never change what they stand for, so it is never stale.
#[derive(Default)]
pub(super) struct Lineage {
    ancestors: HashMap<Oid, Arc<HashSet<Oid>>>,
    told: HashMap<Oid, Arc<Told>>,
}

/// What a commit says that may be evidence.
pub(super) struct Told {
    pub(super) id: CommitId,
    pub(super) subject: String,
    pub(super) author: Signature,
    pub(super) picked_from: Vec<CommitId>,
    pub(super) reverts: Vec<CommitId>,
    committed: Timestamp,
    parents: Vec<Oid>,
}

impl Told {
    fn of(commit: &git2::Commit<'_>) -> Result<Told, GitError> {
        let info = info(commit)?;
        Ok(Told {
            subject: info.subject().to_owned(),
            picked_from: picked_from(&info.message),
            reverts: reverts(&info.message),
            parents: info.parents.iter().map(oid).collect::<Result<_, _>>()?,
            id: info.id,
            author: info.author,
            committed: info.committer.time,
        })
    }
}

/// How a head stands to a commit.
pub(super) struct Own {
    /// Whether the commit is in the head's history.
    pub(super) inherits: bool,
    /// The head's commits that the commit does not come from, newest first.
    pub(super) commits: Vec<Arc<Told>>,
}

impl Lineage {
    /// What a head has that a commit does not come from.
    pub(super) fn own(&mut self, store: &Store, commit: &CommitId, head: &CommitId) -> Result<Own, GitError> {
        let (commit, head) = (oid(commit)?, oid(head)?);
        let shared = self.ancestors(store, commit)?;
        let mut own = Own { inherits: commit == head, commits: Vec::new() };
        let (mut waiting, mut seen) = (vec![head], HashSet::new());
        while let Some(id) = waiting.pop() {
            if shared.contains(&id) || !seen.insert(id) {
                continue;
            }
            let told = self.told(store, id)?;
            own.inherits |= told.parents.contains(&commit);
            waiting.extend(&told.parents);
            own.commits.push(told);
        }
        own.commits.sort_by_key(|told| std::cmp::Reverse(told.committed));
        own.commits.truncate(COMMITS);
        Ok(own)
    }

    /// A commit and everything it comes from.
    fn ancestors(&mut self, store: &Store, commit: Oid) -> Result<Arc<HashSet<Oid>>, GitError> {
        if let Some(known) = self.ancestors.get(&commit) {
            return Ok(Arc::clone(known));
        }
        let mut walk = store.raw().revwalk().doing(|| "walk the history".to_owned())?;
        walk.push(commit).map_err(|source| lookup(commit, source))?;
        let all: Result<HashSet<Oid>, _> = walk.collect();
        let all = Arc::new(all.doing(|| format!("walk the history of {commit}"))?);
        self.ancestors.insert(commit, Arc::clone(&all));
        Ok(all)
    }

    /// A commit's account of itself.
    pub(super) fn told(&mut self, store: &Store, id: Oid) -> Result<Arc<Told>, GitError> {
        if let Some(known) = self.told.get(&id) {
            return Ok(Arc::clone(known));
        }
        let commit = store.raw().find_commit(id).map_err(|source| lookup(id, source))?;
        let told = Arc::new(Told::of(&commit)?);
        self.told.insert(id, Arc::clone(&told));
        Ok(told)
    }
}
