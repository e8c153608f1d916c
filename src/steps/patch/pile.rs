//! A growing stack: the patches of several advisories put on top of each other on one branch.

use super::lock_files::Unwritten;
use super::review;
use crate::backport::{Against, Help, Onto, Outcome, Pick, PickRequest, Picker};
use crate::git::{Committer, GitError, Store};
use crate::ids::{CommitId, TreeId};
use crate::steps::error::StepError;
use crate::steps::output::{Patch, PatchCommit};

/// What came of putting something on top.
pub(super) enum Added<T> {
    On(T),
    Conflict(Unfitting),
    /// Lock files are to be written before it can go on.
    Unwritten(Unwritten),
}

/// A commit that does not fit on top of what is there.
pub(super) struct Unfitting {
    pub(super) commit: CommitId,
    pub(super) paths: Vec<String>,
}

/// A growing stack.
pub(super) struct Pile<'a> {
    pub(super) store: &'a Store,
    picker: Picker,
    pub(super) committer: &'a Committer,
    help: Help<'a>,
    pub(super) patch: Patch,
}

impl<'a> Pile<'a> {
    pub(super) fn on(
        store: &'a Store,
        base: &CommitId,
        committer: &'a Committer,
        help: Help<'a>,
    ) -> Result<Pile<'a>, GitError> {
        Ok(Pile { store, picker: Picker::new(store)?, committer, help, patch: Patch::nothing(store, base)? })
    }

    /// Puts one advisory's backport on top. What an earlier one brought along is not put there twice.
    pub(super) fn add(&mut self, backport: &Patch) -> Result<Added<()>, StepError> {
        for commit in &backport.commits {
            if self.has(commit) {
                continue;
            }
            let info = self.store.commit_info(&commit.commit)?;
            if info.parents == [self.patch.head.clone()] {
                // It stands where it would be put: the very commit that was reviewed.
                self.take(commit.clone(), commit.commit.clone(), info.tree);
                continue;
            }
            let pick = self.picked(commit, backport.resolved.as_ref())?;
            if matches!(pick.outcome, Outcome::AlreadyFixed { .. }) {
                // An earlier advisory's resolution brought it along; an empty commit would tell nothing.
                continue;
            }
            if let Some(unwritten) = Unwritten::of(self.store, &self.picker, &commit.commit, &pick)? {
                return Ok(Added::Unwritten(unwritten));
            }
            // With conflict markers where even the notes conflict.
            if let Some(tree) = pick.tree.as_ref().or(pick.marked_tree.as_ref())
                && self.brings_notes_alone(commit, tree)?
            {
                continue;
            }
            let Some(tree) = pick.tree.clone() else {
                let paths = pick.conflicting_paths();
                return Ok(Added::Conflict(Unfitting { commit: commit.commit.clone(), paths }));
            };
            let draft = self.picker.draft();
            let head = [self.patch.head.clone()];
            let made = draft.commit_as(&tree, &head, &info.message, &info.author, self.committer)?;
            self.store.keep(draft, &made)?;
            self.patch.review.extend(review::reasons(&commit.commit, &pick));
            self.take(commit.clone(), made, tree);
        }
        self.patch.review.extend(backport.review.iter().cloned());
        Ok(Added::On(()))
    }

    /// Whether the same change is in the stack already, and all that this commit would add are notes, which are written again:
    /// people resolved it with the notes that a pick of it had set aside.
    fn brings_notes_alone(&self, commit: &PatchCommit, tree: &TreeId) -> Result<bool, GitError> {
        let is_same = |made: &PatchCommit| {
            made.subject == commit.subject || (made.from.is_some() && made.from == commit.from)
        };
        if !self.patch.commits.iter().any(is_same) {
            return Ok(false);
        }
        let changed = self.picker.draft().changed_paths(&self.patch.tree, tree)?;
        Ok(changed.iter().all(|path| self.help.regenerated.contains(path)))
    }

    /// Whether the very commit is in the stack, or the branch.
    fn has(&self, commit: &PatchCommit) -> bool {
        self.patch.commits.iter().any(|made| made.commit == commit.commit)
    }

    /// The pick of a backported commit; where that conflicts, of the commit of the fix that it carries, which may have
    /// been written on what lies below it here.
    fn picked(&mut self, commit: &PatchCommit, by_hand: Option<&CommitId>) -> Result<Pick, GitError> {
        let onto = self.patch.head.clone();
        let request = |fix: &CommitId| PickRequest {
            fix: fix.clone(),
            against: Against::Parent,
            onto: Onto::Commit(onto.clone()),
        };
        let of_fix = commit.from.as_ref().filter(|_| by_hand.is_none());
        let (own, of_fix) = (request(&commit.commit), of_fix.map(request));
        let pick = self.picker.pick_with_help(&own, &self.help)?;
        if !pick.outcome.needs_resolution() || !pick.unwritten.is_empty() {
            return Ok(pick);
        }
        let Some(of_fix) = of_fix else { return Ok(pick) };
        let other = self.picker.pick_with_help(&of_fix, &self.help)?;
        Ok(if other.outcome.needs_resolution() { pick } else { other })
    }

    pub(super) fn take(&mut self, commit: PatchCommit, made: CommitId, tree: TreeId) {
        self.patch.head = made.clone();
        self.patch.tree = tree;
        self.patch.commits.push(PatchCommit { commit: made, ..commit });
    }
}

impl Patch {
    /// A patch that brings nothing to a head.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the head is not in the store.
    pub(in crate::steps) fn nothing(store: &Store, base: &CommitId) -> Result<Patch, GitError> {
        let tree = store.tree_of(base)?;
        Ok(Patch {
            base: base.clone(),
            head: base.clone(),
            tree,
            commits: Vec::new(),
            review: Vec::new(),
            resolved: None,
        })
    }
}
