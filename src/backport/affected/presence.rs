//! How much of what a fix changes is on a branch: the pre-image of each of its hunks, line by line.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::elsewhere::{Elsewhere, OtherBranches};
use super::hunk::{HunkPresence, Search, Share, is_there};
use super::kept::{Kept, Sought, without_kinds_of_quotes};
use crate::backport::merging::edits::edits_between;
use crate::backport::merging::noise::Noise;
use crate::git::plumbing::{EntryKind, Lookup, TreeChange, TreeEntry, tree_oid};
use crate::git::{GitError, Store};
use crate::ids::TreeId;

/// A fix that brings fewer lines than this cannot be told from code that happens to look like it.
const BROUGHT: usize = 2;

/// How many lines must have been looked for before finding none is evidence.
const ENOUGH: usize = 8;

/// What a branch has of the files that a fix changes.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Presence {
    /// Every hunk in text that matters; in tests and other noise only if the fix changes nothing else.
    pub hunks: Vec<HunkPresence>,
    /// Files that the fix changes or deletes.
    pub files: usize,
    /// Those of them that the branch has, under whatever name.
    pub files_there: usize,
    /// Whether all files that a hunk might have moved to were read.
    pub search: Search,
    /// Whether only the fix's own files had to be read.
    pub(in crate::backport) reach: Reach,
}

/// Which files of a branch were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::backport) enum Reach {
    /// Those that the fix changes, and no others.
    #[default]
    Own,
    /// Others beside them.
    Beyond,
}

impl Presence {
    fn total(&self, of: fn(&HunkPresence) -> Share) -> Share {
        self.hunks.iter().map(of).sum()
    }

    /// The lines that the fix brings.
    pub(in crate::backport) fn brought(&self) -> Share {
        self.total(|hunk| hunk.added)
    }

    /// Whether a place that the fix changes lacks a line that it brings, or holds all that it takes away. Where a fix still
    /// applies to a branch that is said to have it, part of it was taken back.
    pub(in crate::backport) fn is_lacking_somewhere(&self) -> bool {
        self.hunks.iter().any(|hunk| {
            let (removed, added) = (hunk.removed, hunk.added);
            added.found < added.of || added.of == 0 && removed.of > 0 && removed.found == removed.of
        })
    }

    /// Whether a place that the fix changes holds half of what it takes away, and not all that it brings.
    pub(in crate::backport) fn is_as_before_somewhere(&self) -> bool {
        self.hunks.iter().any(|hunk| hunk.removed.is_half() && hunk.added.found < hunk.added.of)
    }

    /// Whether enough of what was there before the fix is on the branch.
    #[must_use]
    pub fn is_likely(&self) -> bool {
        is_there(self.total(|hunk| hunk.removed), self.total(|hunk| hunk.around))
    }

    /// Whether the fix changes no line that could be looked for: it only adds files, say.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.total(|hunk| hunk.removed + hunk.around).of == 0
    }

    /// The lines that the fix brings, if most of them are there and what it removes is not: the branch seems to have
    /// the fix in some other form.
    #[must_use]
    pub fn seems_fixed(&self) -> Option<Share> {
        let (removed, added) = (self.total(|hunk| hunk.removed), self.total(|hunk| hunk.added));
        (added.of >= BROUGHT && added.is_half() && !removed.is_half()).then_some(added)
    }

    /// Whether enough lines were looked for, everywhere they might have gone, and not one was found. This is hard
    /// evidence, so a handful of lines is not enough for it, and neither is a search that was cut short.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let lines = self.total(|hunk| hunk.removed + hunk.around);
        self.search == Search::Everywhere && lines.of >= ENOUGH && lines.found == 0
    }
}

impl Store {
    /// What the branch's tree has of the pre-image of one commit, which changed these files. `moved` says where the
    /// branch keeps files that it has renamed.
    pub(in crate::backport) fn presence(
        &self,
        elsewhere: &mut Elsewhere,
        changed: &[TreeChange],
        branch: &TreeId,
        moved: &BTreeMap<String, String>,
    ) -> Result<Presence, GitError> {
        let tree = tree_oid(branch)?;
        let mut here = Lookup::new(self.raw(), tree)?;
        let (mut presence, mut noise, mut unfound) = (Presence::default(), Vec::new(), Vec::new());
        for change in changed {
            let is_file = |entry: &TreeEntry| entry.kind() == EntryKind::File;
            let (old, new) = (change.old.filter(is_file), change.new.filter(is_file));
            let path = String::from_utf8_lossy(&change.path).into_owned();
            let place = moved.get(&path).map_or(change.path.as_slice(), |path| path.as_bytes());
            let there = here.file(place)?;
            if old.is_some() {
                presence.files += 1;
                presence.files_there += usize::from(there.is_some());
            }
            let sought = elsewhere.own(change, there, || self.hunks_there(&path, old, new, there))?;
            let mut hunks: Vec<HunkPresence> = sought.iter().map(|(hunk, _)| hunk.clone()).collect();
            let all_found = hunks.iter().all(HunkPresence::is_found);
            if Noise::of(&path).is_none() && old.is_some() && !all_found {
                presence.reach = Reach::Beyond;
                let beside = OtherBranches { store: self, branch: tree, change, sought: &sought };
                if beside.search(elsewhere, &mut hunks)? == Search::CutShort {
                    presence.search = Search::CutShort;
                }
                let from = presence.hunks.len();
                unfound.push((change, Arc::clone(&sought), from..from + hunks.len()));
            }
            let into = if Noise::of(&path).is_some() { &mut noise } else { &mut presence.hunks };
            into.extend(hunks);
        }
        // Before it counts as evidence that there is nothing, all of the tree is looked at.
        if presence.is_nothing() {
            for (change, sought, hunks) in unfound {
                let far = OtherBranches { store: self, branch: tree, change, sought: &sought };
                far.search_far(elsewhere, &mut presence.hunks[hunks])?;
            }
        }
        if presence.hunks.is_empty() {
            presence.hunks = noise;
        }
        Ok(presence)
    }

    fn hunks_there(
        &self,
        path: &str,
        old: Option<TreeEntry>,
        new: Option<TreeEntry>,
        there: Option<TreeEntry>,
    ) -> Result<Vec<Sought>, GitError> {
        // A blob that this clone lacks, or a binary one, says nothing either way; a file that is not there is empty.
        let text = |entry: Option<TreeEntry>| -> Result<Option<Vec<u8>>, GitError> {
            let text = entry.map_or(Ok(Some(Vec::new())), |entry| self.text_if_here(entry.id))?;
            Ok(text.map(without_kinds_of_quotes))
        };
        let (Some(before), Some(after)) = (text(old)?, text(new)?) else { return Ok(Vec::new()) };
        let here = text(there)?.unwrap_or_default();
        let kept = Kept::new(&before, &after, &here);
        let edits = edits_between(&before, &after);
        Ok(edits.iter().map(|edit| kept.hunk(path, edit)).collect())
    }
}
