//! Chain picking: what a newer line made of a fix often fits an older line where the fix itself does not.
//!
//! Over the security backports measured, a third more lines need no hand this way. Whatever comes of it is shown for
//! review: it is not the fix, but somebody's version of it.

use std::collections::BTreeMap;

use super::error::GitError;
use super::memory::Memory;
use super::outcome::{HelpedBy, Outcome, Pick};
use super::pick::{Against, PickRequest, Picker};
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
}

impl Picker {
    /// Picks a fix; where it conflicts, tries what the newer lines made of it, the nearest first, and then what memory
    /// knows. What help brought is [`Outcome::CleanUnconfirmed`] and says where it came from. If nothing helps, the
    /// pick of the fix itself comes back with its conflicts.
    ///
    /// # Errors
    /// As [`Picker::pick`].
    pub fn pick_with_help(&mut self, request: &PickRequest, help: &Help<'_>) -> Result<Pick, GitError> {
        let direct = self.pick(request)?;
        if !direct.outcome.needs_resolution() {
            return Ok(direct);
        }
        let mut conflicting = vec![(direct.clone(), None)];
        for newer in help.newer {
            let Some(commit) = newer.picked.get(&request.fix) else { continue };
            let chained =
                PickRequest { fix: commit.clone(), against: Against::Parent, onto: request.onto.clone() };
            let pick = self.pick_quietly(&chained)?;
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
}

/// The pick as somebody's version of the fix: never plainly clean.
fn helped(mut pick: Pick, by: HelpedBy) -> Pick {
    if matches!(pick.outcome, Outcome::Clean { .. }) {
        pick.outcome = Outcome::CleanUnconfirmed { doubts: Vec::new() };
    }
    pick.helped_by.insert(0, by);
    pick
}
