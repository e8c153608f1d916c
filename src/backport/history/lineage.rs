//! Histories in memory, for what is asked of many heads: no commit is read twice, however many lines, tags and fixes are
//! looked at, and a fix's ancestors are followed only as far back as a line reaches.

use std::collections::BinaryHeap;
use std::sync::Arc;

use git2::Oid;
use jiff::{SignedDuration, Timestamp};

use super::fixed_by::FixedBy;
use super::told::Told;
use crate::git::plumbing::{ById, Ids, lookup, oid};
use crate::git::{GitError, Store};
use crate::ids::CommitId;

/// How many commits of a branch are read at most. A release line has a few hundred of its own.
const COMMITS: usize = 5_000;

/// By how much the clocks of committers may disagree: so much further back is looked before a commit is called a
/// line's own.
pub(in crate::backport) const SLACK: SignedDuration = SignedDuration::from_hours(24);

/// What has been read of a repository's history. Ids never change what they stand for, so it is never stale.
#[derive(Default)]
pub(in crate::backport) struct Lineage {
    ancestors: ById<Ancestors>,
    told: ById<Arc<Told>>,
}

/// What a commit comes from, as far as it was followed.
#[derive(Default)]
struct Ancestors {
    known: Ids,
    /// Those of them whose parents were not looked at, the newest on top.
    edge: BinaryHeap<(Timestamp, Oid)>,
}

/// How a head stands to a commit.
#[derive(Default)]
pub(in crate::backport) struct Own {
    /// Whether the commit is in the head's history. Then only what came after it is told.
    pub(in crate::backport) inherits: bool,
    /// The head's commits that the commit does not come from, newest first.
    pub(in crate::backport) commits: Vec<Arc<Told>>,
    /// Where the two parted: the commits that both come from and the head's own stand on.
    pub(in crate::backport) shared: Vec<Arc<Told>>,
}

impl Own {
    /// When the newest commit was made that both come from.
    pub(in crate::backport) fn left_at(&self) -> Option<Timestamp> {
        self.shared.iter().map(|told| told.committed).max()
    }

    /// Whether one of the commits takes another one back.
    pub(in crate::backport) fn reverts(&self, commit: &CommitId) -> bool {
        self.commits.iter().any(|told| told.reverts.contains(commit))
    }

    /// The commit by which another one was carried to the head, unless that was reverted later.
    pub(in crate::backport) fn carrying(&self, wanted: &Told) -> Result<Option<FixedBy>, GitError> {
        let by_trailer = |told: &&Arc<Told>| told.was_picked_from(wanted);
        let by_author = |told: &&Arc<Told>| told.has_author_and_subject_of(wanted);
        for told in self.commits.iter().filter(by_trailer) {
            if !self.reverts(&told.commit_id()?) {
                return Ok(Some(FixedBy::Trailer { commit: told.commit_id()? }));
            }
        }
        for told in self.commits.iter().filter(by_author) {
            if !self.reverts(&told.commit_id()?) {
                return Ok(Some(FixedBy::Authorship { commit: told.commit_id()? }));
            }
        }
        Ok(None)
    }
}

impl Lineage {
    /// What a head has that a commit does not come from.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a commit of either history is not here.
    pub(in crate::backport) fn own(
        &mut self,
        store: &Store,
        commit: &CommitId,
        head: &CommitId,
    ) -> Result<Own, GitError> {
        let (commit, head) = (oid(commit)?, oid(head)?);
        let mut ancestors = match self.ancestors.remove(&commit) {
            Some(known) => known,
            None => Ancestors::of(&*self.told(store, commit)?),
        };
        let own = self.own_beside(store, &mut ancestors, commit, head);
        self.ancestors.insert(commit, ancestors);
        own
    }

    fn own_beside(
        &mut self,
        store: &Store,
        ancestors: &mut Ancestors,
        commit: Oid,
        head: Oid,
    ) -> Result<Own, GitError> {
        let mut own = Own::default();
        let mut waiting = BinaryHeap::from([(self.told(store, head)?.committed, head)]);
        let mut seen: Ids = std::iter::once(head).collect();
        while let Some((committed, id)) = waiting.pop() {
            let told = self.told(store, id)?;
            self.follow(store, ancestors, committed)?;
            if ancestors.known.contains(&id) {
                own.inherits |= id == commit;
                own.shared.push(told);
                if own.inherits {
                    break;
                }
                continue;
            }
            for &parent in &told.parents {
                if seen.insert(parent)
                    && let Some(parent) = self.told_if_here(store, parent)?
                {
                    waiting.push((parent.committed, parent.id));
                }
            }
            if own.commits.len() < COMMITS {
                own.commits.push(told);
            }
        }
        Ok(own)
    }

    /// Follows a commit's ancestors to before this time.
    fn follow(&mut self, store: &Store, ancestors: &mut Ancestors, time: Timestamp) -> Result<(), GitError> {
        while ancestors.edge.peek().is_some_and(|(committed, _)| *committed + SLACK >= time) {
            let Some((_, id)) = ancestors.edge.pop() else { break };
            for &parent in &self.told(store, id)?.parents {
                if ancestors.known.insert(parent)
                    && let Some(parent) = self.told_if_here(store, parent)?
                {
                    ancestors.edge.push((parent.committed, parent.id));
                }
            }
        }
        Ok(())
    }

    /// A commit's account of itself; `None` behind the edge of a shallow clone, where its history ends.
    pub(in crate::backport) fn told_if_here(
        &mut self,
        store: &Store,
        id: Oid,
    ) -> Result<Option<Arc<Told>>, GitError> {
        match self.told(store, id) {
            Err(GitError::Missing { .. }) if store.raw().is_shallow() => Ok(None),
            told => told.map(Some),
        }
    }

    /// A commit's account of itself.
    pub(in crate::backport) fn told(&mut self, store: &Store, id: Oid) -> Result<Arc<Told>, GitError> {
        if let Some(known) = self.told.get(&id) {
            return Ok(Arc::clone(known));
        }
        let failed = |source| lookup(id, source);
        let odb = store.raw().odb().map_err(failed)?;
        let told = Arc::new(Told::read(id, &odb.read(id).map_err(failed)?)?);
        self.told.insert(id, Arc::clone(&told));
        Ok(told)
    }
}

impl Ancestors {
    fn of(commit: &Told) -> Ancestors {
        let mut known = Ids::default();
        known.insert(commit.id);
        Ancestors { known, edge: BinaryHeap::from([(commit.committed, commit.id)]) }
    }
}
