//! Resolutions given once: what a person made of a conflicting place, offered again where the same place conflicts.
//!
//! As `git rerere`, but by place and not by file, across branches, and never applied without a word: whatever comes
//! from memory is shown for review.

use std::collections::BTreeMap;

use super::outcome::{HelpedBy, Outcome, Pick};
use super::pick::Picker;
use crate::backport::merging::conflict::Conflict;
use crate::backport::merging::edits::{Edit, edits_between};
use crate::backport::merging::marked::{Hunk, LABELS, Segment, marked_hunk, segments};
use crate::git::plumbing::{Lookup, TreeEntry, Updates, tree_id, tree_oid, updated};
use crate::git::{GitError, Store};
use crate::ids::{Digest, TreeId};

/// Every resolution that was learnt, by its conflict.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Memory {
    known: BTreeMap<Digest, Remembered>,
}

/// One resolution.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Remembered {
    /// The text that a person put in the place of the conflict.
    pub text: String,
    /// Where it was given, for people: a branch.
    pub given_on: String,
    /// The file it was given in.
    pub path: String,
}

/// What was learnt from one resolved tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Learnt {
    /// Places whose resolution is now known.
    pub hunks: usize,
    /// Places whose resolution reached beyond them, so that it cannot be offered elsewhere.
    pub unclear: usize,
}

impl Memory {
    /// How many resolutions are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The resolution of a place, if one was given.
    #[must_use]
    pub fn recall(&self, hunk: &Hunk) -> Option<&Remembered> {
        self.known.get(&key(hunk))
    }

    /// Learns from a tree in which a person has settled the conflicts of `pick`. `store` must hold both.
    ///
    /// # Errors
    /// [`GitError::Missing`] if a tree or file is not in the store.
    pub fn learn(
        &mut self,
        store: &Store,
        pick: &Pick,
        resolved: &TreeId,
        given_on: &str,
    ) -> Result<Learnt, GitError> {
        let mut learnt = Learnt::default();
        let Some(marked) = &pick.marked_tree else { return Ok(learnt) };
        for conflict in pick.conflicts.iter().filter(|conflict| !conflict.hunks.is_empty()) {
            let texts = (
                store.read_file_in_tree(marked, &conflict.path)?,
                store.read_file_in_tree(resolved, &conflict.path)?,
            );
            let (Some(marked), Some(resolved)) = texts else { continue };
            let (marked, resolved) = (String::from_utf8_lossy(&marked), String::from_utf8_lossy(&resolved));
            for (hunk, text) in conflict.hunks.iter().zip(resolutions(&marked, &conflict.hunks, &resolved)) {
                let Some(text) = text else {
                    learnt.unclear += 1;
                    continue;
                };
                learnt.hunks += 1;
                let given = Remembered { text, given_on: given_on.to_owned(), path: conflict.path.clone() };
                self.known.insert(key(hunk), given);
            }
        }
        Ok(learnt)
    }

    /// The pick with every conflict settled that memory knows; `None` if it knows not all of them. What comes back is
    /// never plainly clean.
    ///
    /// # Errors
    /// [`GitError::Missing`] if the pick is not of this picker's draft.
    pub fn settle(&self, picker: &Picker, pick: &Pick) -> Result<Option<Pick>, GitError> {
        let Some(marked) = &pick.marked_tree else { return Ok(None) };
        let draft = picker.draft();
        let mut lookup = Lookup::new(draft.raw(), tree_oid(marked)?)?;
        let mut updates = Updates::new();
        for conflict in &pick.conflicts {
            let Some(text) = self.settled_text(draft, marked, conflict)? else { return Ok(None) };
            let Some(here) = lookup.file(conflict.path.as_bytes())? else { return Ok(None) };
            let id = draft.write_blob(text.as_bytes())?;
            updates.insert(conflict.path.clone().into_bytes(), Some(TreeEntry { id, mode: here.mode }));
        }
        let tree = tree_id(updated(draft.raw(), tree_oid(marked)?, &updates)?)?;
        let given_on = self.givers(&pick.conflicts);
        let mut helped_by = pick.helped_by.clone();
        helped_by.push(HelpedBy::Memory { paths: pick.conflicting_paths(), given_on });
        Ok(Some(Pick {
            outcome: Outcome::CleanUnconfirmed { doubts: Vec::new() },
            helped_by,
            tree: Some(tree),
            marked_tree: None,
            ..pick.clone()
        }))
    }

    fn settled_text(
        &self,
        draft: &Store,
        marked: &TreeId,
        conflict: &Conflict,
    ) -> Result<Option<String>, GitError> {
        if !conflict.kind.is_in_text() || conflict.hunks.is_empty() {
            return Ok(None);
        }
        let texts: Option<Vec<&str>> =
            conflict.hunks.iter().map(|hunk| Some(self.recall(hunk)?.text.as_str())).collect();
        let Some(texts) = texts else { return Ok(None) };
        let Some(marked) = draft.read_file_in_tree(marked, &conflict.path)? else { return Ok(None) };
        let Ok(mut text) = String::from_utf8(marked) else { return Ok(None) };
        let mut from = 0;
        for (hunk, resolution) in conflict.hunks.iter().zip(texts) {
            let block = marked_hunk(hunk, &LABELS);
            let Some(at) = text[from..].find(&block).map(|at| at + from) else { return Ok(None) };
            text.replace_range(at..at + block.len(), resolution);
            from = at + resolution.len();
        }
        Ok(Some(text))
    }

    fn givers(&self, conflicts: &[Conflict]) -> Vec<String> {
        let hunks = conflicts.iter().flat_map(|conflict| &conflict.hunks);
        let mut givers: Vec<String> =
            hunks.filter_map(|hunk| Some(self.recall(hunk)?.given_on.clone())).collect();
        givers.sort();
        givers.dedup();
        givers
    }
}

/// The three texts of a place, without what differs for no reason: the blanks at the ends of lines.
fn key(hunk: &Hunk) -> Digest {
    let tidy = |text: &str| -> String { text.lines().map(|line| format!("{}\n", line.trim_end())).collect() };
    Digest::of([tidy(&hunk.base), tidy(&hunk.ours), tidy(&hunk.theirs)].join("\0"))
}

/// What became of each conflicting place in the resolved text; `None` where an edit crosses the place's border.
fn resolutions(marked: &str, hunks: &[Hunk], resolved: &str) -> Vec<Option<String>> {
    let parts = segments(marked, hunks, &LABELS);
    // The branch's side stands for each place: the resolution is what an edit script makes of those lines.
    let mut before = String::new();
    let mut places = Vec::new();
    for part in &parts {
        let start = before.lines().count();
        match part {
            Segment::Settled(text) => before.push_str(text),
            Segment::Open(hunk) => {
                before.push_str(&hunk.ours);
                places.push(start..before.lines().count());
            }
        }
    }
    let edits = edits_between(before.as_bytes(), resolved.as_bytes());
    let lines: Vec<&str> = resolved.split_inclusive('\n').collect();
    let mut found: Vec<Option<String>> = Vec::new();
    for place in places {
        let touches = |edit: &&Edit| edit.before.start <= place.end && edit.before.end >= place.start;
        let inside = |edit: &Edit| edit.before.start >= place.start && edit.before.end <= place.end;
        if !edits.iter().filter(touches).all(inside) {
            found.push(None);
            continue;
        }
        let start = moved(place.start, edits.iter().filter(|edit| edit.before.start < place.start));
        let end = moved(place.end, edits.iter().filter(|edit| edit.before.end <= place.end));
        found.push(lines.get(start..end).map(<[&str]>::concat));
    }
    found.resize(hunks.len(), None);
    found
}

/// Where a line stands after these edits.
fn moved<'edit>(line: usize, edits: impl Iterator<Item = &'edit Edit>) -> usize {
    let grown = edits.map(|edit| edit.after.len().cast_signed() - edit.before.len().cast_signed());
    line.saturating_add_signed(grown.sum())
}
