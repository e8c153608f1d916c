//! Chain picking: what a newer line made of a fix often fits an older line where the fix itself does not.
//!
//! Over the security backports measured, a third more lines need no hand this way. Whatever comes of it is shown for
//! review: it is not the fix, but somebody's version of it.

use std::collections::BTreeMap;

use super::lock_files::LockFiles;
use super::memory::Memory;
use super::outcome::{HelpedBy, Outcome, Pick};
use super::pick::Picker;
use super::request::{Against, PickRequest};
use crate::backport::merging::conflict::Conflict;
use crate::git::GitError;
use crate::git::plumbing::{Lookup, Updates, tree_id, tree_oid, updated};
use crate::ids::{CommitId, TreeId};

/// A newer line that has some fixes already, each as one commit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewerLine {
    /// The line's name: a branch.
    pub line: String,
    /// What each fix became there: fix to commit. The commits must be in the repository or in the picker's draft.
    pub picked: BTreeMap<CommitId, CommitId>,
}

/// What may help where a fix conflicts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Help<'a> {
    /// Newer lines, the nearest first.
    pub newer: &'a [NewerLine],
    /// Resolutions given earlier.
    pub memory: Option<&'a Memory>,
    /// Files whose conflicts are set aside: the branch's text stays, and what the fix says there is written afresh by
    /// a rule of the catalog. Release notes conflict on every line, and no side of that conflict is right.
    pub afresh: &'a [String],
    /// Lock files that commands write anew, and what they wrote. No side of a conflict in one is right either.
    pub lock_files: Option<&'a LockFiles>,
}

impl Picker {
    /// Picks a fix; where it conflicts, sets aside what is written afresh and what commands write, then tries what the
    /// newer lines made of it, the nearest first, and then what memory knows. What help brought is
    /// [`Outcome::CleanUnconfirmed`] and says where it came from. If nothing helps, the pick of the fix itself comes back
    /// with its conflicts; if only lock files are open, the pick says in [`Pick::unwritten`] which.
    ///
    /// # Errors
    /// As [`Picker::pick`].
    pub fn pick_with_help(&mut self, request: &PickRequest, help: &Help<'_>) -> Result<Pick, GitError> {
        let direct = self.pick(request)?;
        if !direct.outcome.needs_resolution() {
            return Ok(direct);
        }
        let rest = self.set_aside(request, &direct, help)?;
        if !rest.pick.outcome.needs_resolution() {
            return self.with_lock_files(request, rest.pick, rest.lock_files, help.lock_files);
        }
        let mut conflicting = vec![(rest, None)];
        for newer in help.newer {
            let Some(commit) = newer.picked.get(&request.fix) else { continue };
            let chained =
                PickRequest { fix: commit.clone(), against: Against::Parent, onto: request.onto.clone() };
            let pick = self.pick_quietly(&chained)?;
            let Rest { pick, lock_files } = self.set_aside(&chained, &pick, help)?;
            let by = HelpedBy::NewerLine { line: newer.line.clone(), commit: commit.clone() };
            if pick.outcome.needs_resolution() {
                conflicting.push((Rest { pick, lock_files }, Some(by)));
            } else if !matches!(pick.outcome, Outcome::AlreadyFixed { .. }) {
                return self.with_lock_files(request, helped(pick, by), lock_files, help.lock_files);
            }
        }
        let Some(memory) = help.memory else { return Ok(direct) };
        for (Rest { pick, lock_files }, by) in conflicting {
            if let Some(settled) = memory.settle(self, &pick)? {
                let settled = match by {
                    Some(by) => helped(settled, by),
                    None => settled,
                };
                return self.with_lock_files(request, settled, lock_files, help.lock_files);
            }
        }
        Ok(direct)
    }

    /// The pick with the branch's text wherever a conflict is in a file that is written afresh or by a command. A pick
    /// of which nothing is left then stays the conflict that it was.
    fn set_aside(&self, request: &PickRequest, pick: &Pick, help: &Help<'_>) -> Result<Rest, GitError> {
        let afresh = |conflict: &Conflict| help.afresh.contains(&conflict.path);
        let by_command = |conflict: &Conflict| help.lock_files.is_some_and(|files| files.settle(conflict));
        let (notes, others): (Vec<Conflict>, Vec<Conflict>) =
            pick.conflicts.iter().cloned().partition(afresh);
        let (lock_files, rest): (Vec<Conflict>, Vec<Conflict>) = others.into_iter().partition(by_command);
        let untouched = || Rest { pick: pick.clone(), lock_files: Vec::new() };
        let Some(marked) = &pick.marked_tree else { return Ok(untouched()) };
        let aside: Vec<String> =
            notes.iter().chain(&lock_files).map(|conflict| conflict.path.clone()).collect();
        let ours = self.onto(request)?;
        let tree = self.with_ours(marked, &ours, &aside)?;
        if aside.is_empty() || tree == ours {
            return Ok(untouched());
        }
        let mut left = pick.clone();
        left.changed.retain(|path| !aside.contains(path));
        if !notes.is_empty() {
            let paths = notes.into_iter().map(|conflict| conflict.path).collect();
            left.helped_by.push(HelpedBy::PlacedAfresh { paths });
        }
        if rest.is_empty() {
            left.outcome = Outcome::CleanUnconfirmed { doubts: Vec::new() };
            (left.tree, left.marked_tree) = (Some(tree), None);
        } else {
            left.outcome = Outcome::of_conflicts(&rest);
            left.marked_tree = Some(tree);
        }
        left.conflicts = rest;
        Ok(Rest { pick: left, lock_files })
    }

    /// A tree with the branch's files at these paths.
    fn with_ours(&self, tree: &TreeId, ours: &TreeId, paths: &[String]) -> Result<TreeId, GitError> {
        let mut lookup = Lookup::new(self.draft().raw(), tree_oid(ours)?)?;
        let mut updates = Updates::new();
        for path in paths {
            updates.insert(path.clone().into_bytes(), lookup.file(path.as_bytes())?);
        }
        tree_id(updated(self.draft().raw(), tree_oid(tree)?, &updates)?)
    }
}

/// What is left of a pick when conflicts that need nobody were set aside.
struct Rest {
    pick: Pick,
    /// The conflicts that are left to commands.
    lock_files: Vec<Conflict>,
}

/// The pick as somebody's version of the fix: never plainly clean.
fn helped(mut pick: Pick, by: HelpedBy) -> Pick {
    if matches!(pick.outcome, Outcome::Clean { .. }) {
        pick.outcome = Outcome::CleanUnconfirmed { doubts: Vec::new() };
    }
    pick.helped_by.insert(0, by);
    pick
}
