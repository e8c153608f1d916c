//! Carrying the fix of one advisory to one branch, alone or on top of earlier ones.

use std::sync::Arc;

use super::conflict::CarryConflict;
use super::foundation::Beneath;
use super::help;
use super::help::Settled;
use super::lock_files::{RefusedLockFiles, Unwritten};
use super::own_notes::Joining;
use super::pile::{Added, Pile};
use super::review;
use super::written::{Relation, WrittenFix};
use crate::backport::{
    Help, Item, JoinedNotes, LockFiles, Merges, NewerLine, NoiseRules, Picker, Proposer, Stack, StackedState,
    stack_with_help,
};
use crate::git::{Committer, Store};
use crate::ids::{CommitId, GhsaId};
use crate::steps::context::{ConflictStart, Incoming, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::{in_store, made_ref};
use crate::steps::output::{Patch, PatchCommit};

/// What may help where the fix conflicts.
#[derive(Default)]
pub(super) struct Helpers {
    pub(super) newer: Vec<NewerLine>,
    pub(super) settled: Vec<Settled>,
    pub(super) proposer: Option<Proposer>,
}

/// What carrying a fix to a branch came to.
pub(super) enum Carried {
    All(Patch),
    Conflict(CarryConflict),
    /// Only lock files conflict, and their command failed.
    Refused(RefusedLockFiles),
}

/// How far one attempt got.
enum Attempt {
    Ended(Carried),
    /// Lock files are to be written before it can go on.
    Unwritten(Unwritten),
}

/// The fix of one advisory, about to be carried to one branch.
pub(super) struct Work {
    pub(super) fix: WrittenFix,
    pub(super) base: CommitId,
    pub(super) committer: Committer,
    pub(super) noise: NoiseRules,
    pub(super) regenerated: Vec<String>,
    pub(super) joining: Option<Joining>,
    pub(super) beneath: Vec<Beneath>,
    pub(super) helpers: Helpers,
}

/// The fix put on top of some earlier ones.
struct Laid {
    below: Patch,
    stack: Stack,
    picker: Picker,
    on: Vec<GhsaId>,
}

impl Work {
    /// Carries the fix. Where it waits for lock files, they are written and it is carried again with them.
    pub(super) async fn carried(
        self: &Arc<Self>,
        context: &StepContext,
        lock_files: &mut LockFiles,
    ) -> Result<Carried, StepError> {
        loop {
            let (work, files, kept) = (Arc::clone(self), lock_files.clone(), made_ref(context));
            let attempt = in_store(context, &context.repo()?.name, move |store| {
                let attempt = work.carry(store, &files, &kept)?;
                if let Attempt::Ended(Carried::All(patch)) = &attempt {
                    store.set_own_ref(&kept, &patch.head, "backport")?;
                }
                Ok(attempt)
            });
            match attempt.await? {
                Attempt::Ended(carried) => return Ok(carried),
                Attempt::Unwritten(unwritten) => {
                    if let Some(refusal) = unwritten.write(context, lock_files).await? {
                        return Ok(Carried::Refused(refusal));
                    }
                }
            }
        }
    }

    fn carry(&self, store: &Store, lock_files: &LockFiles, kept: &str) -> Result<Attempt, StepError> {
        let mut laid = self.laid_on_least(store, lock_files)?;
        let Some((open, pick)) = laid.stack.open() else {
            return Ok(Attempt::Ended(Carried::All(self.patch(store, laid)?)));
        };
        if let Some(unwritten) = Unwritten::of(store, &laid.picker, &open.fix, pick)? {
            return Ok(Attempt::Unwritten(unwritten));
        }
        let touched = laid.picker.touched(pick, &open.fix, &laid.stack.head)?;
        let proposed = |proposer: &Proposer| proposer.proposes_for(laid.picker.draft(), pick);
        let proposals = self.helpers.proposer.as_ref().map(proposed).unwrap_or_default();
        let begin =
            ConflictStart { onto: laid.below.head.clone(), brings: Incoming::Pick(to_pick(&laid.stack)) };
        // People begin on what lies below, so it has to stay.
        store.set_own_ref(kept, &laid.below.head, "below a conflict")?;
        let conflict = CarryConflict::of(&laid.stack, (&open.fix, pick), touched, proposals, begin);
        Ok(Attempt::Ended(Carried::Conflict(conflict.on_top_of(std::mem::take(&mut laid.on)))))
    }

    /// The fix on as few of the earlier ones as it needs: on all of them, then without each that makes no difference.
    fn laid_on_least(&self, store: &Store, lock_files: &LockFiles) -> Result<Laid, StepError> {
        let all: Vec<&Beneath> = self.beneath.iter().collect();
        let alone: Vec<&Beneath> =
            all.iter().copied().filter(|one| one.relation == Relation::Shares).collect();
        let Some(mut best) = self.laid(store, lock_files, &all)? else {
            return self.laid_or_alone(store, lock_files, &alone);
        };
        if !best.stack.is_complete() && alone.len() < all.len() {
            let bare = self.laid_or_alone(store, lock_files, &alone)?;
            return Ok(if stops_alike(&best.stack, &bare.stack) { bare } else { best });
        }
        let mut on = all;
        for beneath in self.beneath.iter().filter(|one| one.relation == Relation::OnTop) {
            let fewer: Vec<&Beneath> =
                on.iter().copied().filter(|one| one.advisory != beneath.advisory).collect();
            if let Some(laid) = self.laid(store, lock_files, &fewer)?.filter(|laid| laid.stack.is_complete())
            {
                (best, on) = (laid, fewer);
            }
        }
        Ok(best)
    }

    fn laid_or_alone(
        &self,
        store: &Store,
        lock_files: &LockFiles,
        on: &[&Beneath],
    ) -> Result<Laid, StepError> {
        match self.laid(store, lock_files, on)? {
            Some(laid) => Ok(laid),
            None => self.on_top(store, lock_files, Patch::nothing(store, &self.base)?, Vec::new()),
        }
    }

    /// The fix on top of these; `None` where they do not fit on top of each other.
    fn laid(
        &self,
        store: &Store,
        lock_files: &LockFiles,
        on: &[&Beneath],
    ) -> Result<Option<Laid>, StepError> {
        let (regenerated, notes) = (&*self.regenerated, self.notes());
        let help = Help { regenerated, notes, lock_files: Some(lock_files), ..Help::default() };
        let mut pile = Pile::on(store, &self.base, &self.committer, help)?;
        for beneath in on {
            let Added::On(()) = pile.add(&beneath.patch)? else { return Ok(None) };
        }
        let on = on.iter().map(|one| one.advisory.clone()).collect();
        self.on_top(store, lock_files, pile.patch, on).map(Some)
    }

    fn on_top(
        &self,
        store: &Store,
        lock_files: &LockFiles,
        below: Patch,
        on: Vec<GhsaId>,
    ) -> Result<Laid, StepError> {
        let mut picker = Picker::new(store)?.with_noise(self.noise.clone());
        let items = [Item { key: self.fix.advisory.to_string(), commits: self.rest(&below, &on) }];
        let learnt = help::learnt(store, &mut picker, &self.helpers.settled, &self.committer)?;
        let newer: Vec<NewerLine> = self.helpers.newer.iter().cloned().chain(learnt.lines).collect();
        let help = Help {
            newer: &newer,
            memory: Some(&learnt.memory),
            regenerated: &self.regenerated,
            notes: self.notes(),
            lock_files: Some(lock_files),
        };
        let stack = stack_with_help(&mut picker, &below.head, &items, &self.committer, Merges::Fail, &help)?;
        Ok(Laid { below, stack, picker, on })
    }

    fn notes(&self) -> Option<&dyn JoinedNotes> {
        self.joining.as_ref().map(|joining| joining as &dyn JoinedNotes)
    }

    /// The commits of the fix that nothing below has brought, of these earlier fixes or of what people made of them.
    fn rest(&self, below: &Patch, on: &[GhsaId]) -> Vec<CommitId> {
        let picked = |fix: &CommitId| below.commits.iter().any(|made| made.from.as_ref() == Some(fix));
        let lies_below = |one: &&Beneath| on.contains(&one.advisory);
        let settled = |fix: &CommitId| self.beneath.iter().filter(lies_below).any(|one| one.settles(fix));
        let brought = |fix: &&CommitId| picked(fix) || settled(fix);
        self.fix.commits.iter().filter(|fix| !brought(fix)).cloned().collect()
    }

    fn patch(&self, store: &Store, laid: Laid) -> Result<Patch, StepError> {
        let Laid { below, stack, picker, .. } = laid;
        store.keep(picker.draft(), &stack.head)?;
        let mut review = Vec::new();
        for entry in &stack.commits {
            if let StackedState::Picked { pick, .. } = &entry.state {
                review.extend(review::reasons(&entry.fix, pick));
            }
        }
        if !review.is_empty() {
            review.push(review::against_fix(store, &self.fix.commits, &below.tree, &stack.tree)?);
        }
        let mut commits = below.commits;
        commits.extend(self.commits_of(store, &stack)?);
        Ok(Patch {
            base: self.base.clone(),
            commits,
            head: stack.head,
            tree: stack.tree,
            review,
            resolved: None,
        })
    }

    fn commits_of(&self, store: &Store, stacked: &Stack) -> Result<Vec<PatchCommit>, StepError> {
        let mut commits = Vec::new();
        for entry in &stacked.commits {
            let StackedState::Picked { commit, .. } = &entry.state else { continue };
            commits.push(PatchCommit {
                commit: commit.clone(),
                from: Some(entry.fix.clone()),
                advisory: Some(self.fix.advisory.clone()),
                subject: store.commit_info(commit)?.subject().to_owned(),
            });
        }
        Ok(commits)
    }
}

/// What is left to pick for people: all that the branch does not have.
fn to_pick(stack: &Stack) -> Vec<CommitId> {
    let left = stack.commits.iter().filter(|entry| !matches!(entry.state, StackedState::NothingToDo { .. }));
    left.map(|entry| entry.fix.clone()).collect()
}

/// Whether two attempts stop at one commit and in the same files: what lies below makes no difference.
fn stops_alike(one: &Stack, other: &Stack) -> bool {
    let stop = |stack: &Stack| {
        stack.open().map(|(entry, pick)| (entry.fix.clone(), pick.conflicting_paths(), pick.conflicts.len()))
    };
    stop(one) == stop(other)
}
