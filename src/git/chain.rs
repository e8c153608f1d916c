//! Chain picking: what a newer line made of a fix often fits an older line where the fix itself does not.
//!
//! Over the security backports measured, a third more lines need no hand this way. Whatever comes of it is shown for
//! review: it is not the fix, but somebody's version of it.

use std::collections::BTreeMap;

use super::conflict::Conflict;
use super::error::GitError;
use super::memory::Memory;
use super::outcome::{HelpedBy, Outcome, Pick};
use super::pick::{Against, Onto, PickRequest, Picker};
use super::store::{tree_id, tree_oid};
use super::tree::{Lookup, Updates, updated};
use crate::ids::CommitId;

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
}

impl Picker {
    /// Picks a fix; where it conflicts, sets aside what is written afresh, then tries what the newer lines made of it,
    /// the nearest first, and then what memory knows. What help brought is [`Outcome::CleanUnconfirmed`] and says where it came from. If nothing helps, the
    /// pick of the fix itself comes back with its conflicts.
    ///
    /// # Errors
    /// As [`Picker::pick`].
    pub fn pick_with_help(&mut self, request: &PickRequest, help: &Help<'_>) -> Result<Pick, GitError> {
        let direct = self.pick(request)?;
        if !direct.outcome.needs_resolution() {
            return Ok(direct);
        }
        let rest = self.set_aside(request, &direct, help.afresh)?;
        if !rest.outcome.needs_resolution() {
            return Ok(rest);
        }
        let mut conflicting = vec![(rest, None)];
        for newer in help.newer {
            let Some(commit) = newer.picked.get(&request.fix) else { continue };
            let chained =
                PickRequest { fix: commit.clone(), against: Against::Parent, onto: request.onto.clone() };
            let pick = self.pick_quietly(&chained)?;
            let pick = self.set_aside(&chained, &pick, help.afresh)?;
            let by = HelpedBy::NewerLine { line: newer.line.clone(), commit: commit.clone() };
            if pick.outcome.needs_resolution() {
                conflicting.push((pick, Some(by)));
            } else if !matches!(pick.outcome, Outcome::AlreadyFixed { .. }) {
                return Ok(helped(pick, by));
            }
        }
        let Some(memory) = help.memory else { return Ok(direct) };
        for (pick, by) in conflicting {
            if let Some(settled) = memory.settle(self, &pick)? {
                return Ok(match by {
                    Some(by) => helped(settled, by),
                    None => settled,
                });
            }
        }
        Ok(direct)
    }

    /// The pick with the branch's text wherever a conflict is in a file that is written afresh. A pick of which
    /// nothing is left then stays the conflict that it was.
    fn set_aside(&self, request: &PickRequest, pick: &Pick, afresh: &[String]) -> Result<Pick, GitError> {
        let (aside, rest): (Vec<Conflict>, Vec<Conflict>) =
            pick.conflicts.iter().cloned().partition(|conflict| afresh.contains(&conflict.path));
        let (false, Some(marked)) = (aside.is_empty(), &pick.marked_tree) else { return Ok(pick.clone()) };
        let ours = match &request.onto {
            Onto::Commit(commit) => self.draft().tree_of(commit)?,
            Onto::Tree(tree) => tree.clone(),
        };
        let mut lookup = Lookup::new(self.draft().raw(), tree_oid(&ours)?)?;
        let mut updates = Updates::new();
        let mut paths = Vec::new();
        for conflict in aside {
            updates.insert(conflict.path.clone().into_bytes(), lookup.file(conflict.path.as_bytes())?);
            paths.push(conflict.path);
        }
        let tree = tree_id(updated(self.draft().raw(), tree_oid(marked)?, &updates)?)?;
        if tree == ours {
            return Ok(pick.clone());
        }
        let mut left = pick.clone();
        left.changed.retain(|path| !paths.contains(path));
        left.helped_by.push(HelpedBy::PlacedAfresh { paths });
        if rest.is_empty() {
            left.outcome = Outcome::CleanUnconfirmed { doubts: Vec::new() };
            (left.tree, left.marked_tree) = (Some(tree), None);
        } else {
            left.outcome = Outcome::of_conflicts(&rest);
            left.marked_tree = Some(tree);
        }
        left.conflicts = rest;
        Ok(left)
    }
}

/// The pick as somebody's version of the fix: never plainly clean.
fn helped(mut pick: Pick, by: HelpedBy) -> Pick {
    if matches!(pick.outcome, Outcome::Clean { .. }) {
        pick.outcome = Outcome::CleanUnconfirmed { doubts: Vec::new() };
    }
    pick.helped_by.insert(0, by);
    pick
}
