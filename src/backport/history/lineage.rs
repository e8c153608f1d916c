//! Histories in memory, for what is asked of many heads: no commit is read twice, however many lines, tags and fixes are
//! looked at, and a fix's ancestors are followed only as far back as a line reaches.

use std::collections::BinaryHeap;
use std::sync::Arc;

use git2::Oid;
use jiff::{SignedDuration, Timestamp};

use super::fixed_by::FixedBy;
use super::raw_commit::RawCommit;
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
    commits: ById<Arc<RawCommit>>,
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
    /// Whether the commit is in the head's history. Then only what came after it is here.
    pub(in crate::backport) inherits: bool,
    /// The head's commits that the commit does not come from, newest first.
    pub(in crate::backport) commits: Vec<Arc<RawCommit>>,
    /// Where the two parted: the commits that both come from and the head's own stand on.
    pub(in crate::backport) shared: Vec<Arc<RawCommit>>,
}

impl Own {
    /// When the newest commit was made that both come from.
    pub(in crate::backport) fn left_at(&self) -> Option<Timestamp> {
        self.shared.iter().map(|raw| raw.committed).max()
    }

    /// Whether one of the commits takes another one back.
    fn reverts(&self, commit: &CommitId) -> bool {
        self.reverting(commit).is_some()
    }

    /// The commit that says of itself that it takes another one back.
    pub(in crate::backport) fn reverting(&self, commit: &CommitId) -> Option<&Arc<RawCommit>> {
        self.commits.iter().find(|raw| raw.reverts.contains(commit))
    }

    /// The commit that takes back the one by which another was carried to the head.
    pub(in crate::backport) fn reverting_what_carried(
        &self,
        wanted: &RawCommit,
    ) -> Result<Option<&Arc<RawCommit>>, GitError> {
        let carried =
            |raw: &&Arc<RawCommit>| raw.was_picked_from(wanted) || raw.has_author_and_subject_of(wanted);
        for raw in self.commits.iter().filter(carried) {
            if let Some(back) = self.reverting(&raw.commit_id()?) {
                return Ok(Some(back));
            }
        }
        Ok(None)
    }

    /// The commit by which another one was carried to the head, unless that was reverted later.
    pub(in crate::backport) fn carrying(&self, wanted: &RawCommit) -> Result<Option<FixedBy>, GitError> {
        let by_trailer = |raw: &&Arc<RawCommit>| raw.was_picked_from(wanted);
        let by_author = |raw: &&Arc<RawCommit>| raw.has_author_and_subject_of(wanted);
        for raw in self.commits.iter().filter(by_trailer) {
            if !self.reverts(&raw.commit_id()?) {
                return Ok(Some(FixedBy::Trailer { commit: raw.commit_id()? }));
            }
        }
        for raw in self.commits.iter().filter(by_author) {
            if !self.reverts(&raw.commit_id()?) {
                return Ok(Some(FixedBy::Authorship { commit: raw.commit_id()? }));
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
            None => Ancestors::of(&*self.read(store, commit)?),
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
        let mut waiting = BinaryHeap::from([(self.read(store, head)?.committed, head)]);
        let mut seen: Ids = std::iter::once(head).collect();
        while let Some((committed, id)) = waiting.pop() {
            let raw = self.read(store, id)?;
            self.follow(store, ancestors, committed)?;
            if ancestors.known.contains(&id) {
                own.inherits |= id == commit;
                own.shared.push(raw);
                if own.inherits {
                    break;
                }
                continue;
            }
            for &parent in &raw.parents {
                if seen.insert(parent)
                    && let Some(parent) = self.read_if_here(store, parent)?
                {
                    waiting.push((parent.committed, parent.id));
                }
            }
            if own.commits.len() < COMMITS {
                own.commits.push(raw);
            }
        }
        Ok(own)
    }

    /// Follows a commit's ancestors to before this time.
    fn follow(&mut self, store: &Store, ancestors: &mut Ancestors, time: Timestamp) -> Result<(), GitError> {
        while ancestors.edge.peek().is_some_and(|(committed, _)| *committed + SLACK >= time) {
            let Some((_, id)) = ancestors.edge.pop() else { break };
            for &parent in &self.read(store, id)?.parents {
                if ancestors.known.insert(parent)
                    && let Some(parent) = self.read_if_here(store, parent)?
                {
                    ancestors.edge.push((parent.committed, parent.id));
                }
            }
        }
        Ok(())
    }

    /// A commit's account of itself; `None` behind the edge of a shallow clone, where its history ends.
    pub(in crate::backport) fn read_if_here(
        &mut self,
        store: &Store,
        id: Oid,
    ) -> Result<Option<Arc<RawCommit>>, GitError> {
        match self.read(store, id) {
            Err(GitError::Missing { .. }) if store.raw().is_shallow() => Ok(None),
            raw => raw.map(Some),
        }
    }

    /// A commit's account of itself.
    pub(in crate::backport) fn read(&mut self, store: &Store, id: Oid) -> Result<Arc<RawCommit>, GitError> {
        if let Some(known) = self.commits.get(&id) {
            return Ok(Arc::clone(known));
        }
        let failed = |source| lookup(id, source);
        let odb = store.raw().odb().map_err(failed)?;
        let raw = Arc::new(RawCommit::read(id, &odb.read(id).map_err(failed)?)?);
        self.commits.insert(id, Arc::clone(&raw));
        Ok(raw)
    }
}

impl Ancestors {
    fn of(commit: &RawCommit) -> Ancestors {
        let mut known = Ids::default();
        known.insert(commit.id);
        Ancestors { known, edge: BinaryHeap::from([(commit.committed, commit.id)]) }
    }
}
