//! Lock files: neither side of a conflict in one is right, and a command of the project regenerates it.
//!
//! This room runs no command. A pick that conflicts in nothing but lock files says what is to be written and in which
//! tree; whoever has run the command gives back what it wrote, and picks again.

use std::collections::BTreeMap;

use super::outcome::{HelpedBy, Outcome, Pick};
use super::pick::Picker;
use super::request::PickRequest;
use crate::backport::merging::conflict::{Conflict, ConflictKind};
use crate::git::GitError;
use crate::ids::TreeId;

/// The lock files that commands write, and what they have written so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LockFiles {
    named: Vec<String>,
    written: BTreeMap<TreeId, WrittenLockFiles>,
}

/// What commands wrote in a checkout of one tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenLockFiles {
    /// The commands, for people.
    pub commands: Vec<String>,
    /// The files that differ from the tree now: path and content.
    pub files: Vec<(String, Vec<u8>)>,
}

impl LockFiles {
    /// Lock files of these paths, of which none has been written yet.
    #[must_use]
    pub fn new(named: Vec<String>) -> LockFiles {
        LockFiles { named, written: BTreeMap::new() }
    }

    /// Takes in what the commands wrote in a checkout of this tree.
    pub fn take(&mut self, tree: TreeId, written: WrittenLockFiles) {
        self.written.insert(tree, written);
    }

    /// Whether a conflict can be left to a command: one in text that both sides have. A lock file that the branch
    /// does without is not brought back by a command.
    pub(in crate::backport) fn settle(&self, conflict: &Conflict) -> bool {
        let kind = conflict.kind.is_in_text() || conflict.kind == ConflictKind::Binary;
        kind && conflict.ours.is_some() && self.named.contains(&conflict.path)
    }
}

impl Picker {
    /// A pick in which these conflicts were left to commands: with what the commands wrote, or, if that is not known
    /// yet, stopped at exactly these conflicts, with the lock files to be written in [`Pick::unwritten`].
    pub(in crate::backport) fn with_lock_files(
        &self,
        request: &PickRequest,
        mut pick: Pick,
        left: Vec<Conflict>,
        lock_files: Option<&LockFiles>,
    ) -> Result<Pick, GitError> {
        if left.is_empty() {
            return Ok(pick);
        }
        let Some(tree) = pick.tree.take() else { return Ok(pick) };
        let mut paths: Vec<String> = left.iter().map(|conflict| conflict.path.clone()).collect();
        paths.sort();
        paths.dedup();
        let Some(written) = lock_files.and_then(|files| files.written.get(&tree)) else {
            pick.outcome = Outcome::ConflictInNoise;
            (pick.marked_tree, pick.conflicts, pick.unwritten) = (Some(tree), left, paths);
            return Ok(pick);
        };
        let files: Vec<(&str, Option<&[u8]>)> =
            written.files.iter().map(|(path, text)| (path.as_str(), Some(text.as_slice()))).collect();
        let whole = self.draft().with_files(&tree, &files)?;
        if whole == self.onto(request)? {
            pick.outcome = Outcome::of_conflicts(&left);
            (pick.marked_tree, pick.conflicts) = (Some(tree), left);
            return Ok(pick);
        }
        pick.changed.extend(written.files.iter().map(|(path, _)| path.clone()));
        pick.helped_by.push(HelpedBy::Command { paths, commands: written.commands.clone() });
        pick.tree = Some(whole);
        Ok(pick)
    }
}
