//! Which lines of a file around a fix a branch's file still has.

use std::collections::{BTreeSet, HashSet};

use super::hunk::{HunkPresence, Share};
use super::pins::Pin;
use crate::backport::merging::edits::{Edit, edits_between};

/// How many unchanged lines around a change count as its surroundings.
const CONTEXT: usize = 3;
/// How far to look for surroundings that say something.
const WIDEST: usize = 12;

/// A hunk and the lines that were looked for.
pub(in crate::backport) type Sought = (HunkPresence, Wanted);

/// The lines of a hunk that say something.
pub(in crate::backport) struct Wanted {
    removed: Vec<Vec<u8>>,
    around: Vec<Vec<u8>>,
    added: Vec<Vec<u8>>,
}

impl Wanted {
    /// All of them.
    pub(in crate::backport) fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.removed.iter().chain(&self.around).chain(&self.added).map(Vec::as_slice)
    }

    /// How many of each kind are among these lines: removed, around, added.
    pub(in crate::backport) fn among(&self, lines: &HashSet<&[u8]>) -> (Share, Share, Share) {
        let share = |wanted: &[Vec<u8>]| Share {
            found: wanted.iter().filter(|line| lines.contains(line.as_slice())).count(),
            of: wanted.len(),
        };
        (share(&self.removed), share(&self.around), share(&self.added))
    }
}

/// The lines of a file before and after the fix, and which of them the branch's file has.
pub(in crate::backport) struct Kept<'text> {
    before: Vec<&'text [u8]>,
    after: Vec<&'text [u8]>,
    all_before: BTreeSet<&'text [u8]>,
    all_after: BTreeSet<&'text [u8]>,
    /// Lines before the fix that the edit script from there to the branch keeps in place.
    in_place: Vec<usize>,
    /// Every line of the branch's file that says something.
    anywhere: BTreeSet<&'text [u8]>,
    /// All lines of the branch's file.
    here: Vec<&'text [u8]>,
}

impl<'text> Kept<'text> {
    pub(in crate::backport) fn new(
        before: &'text [u8],
        after: &'text [u8],
        here: &'text [u8],
    ) -> Kept<'text> {
        let lines = |text: &'text [u8]| -> Vec<&'text [u8]> {
            text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).collect()
        };
        let mut in_place = Vec::new();
        let mut next = 0;
        for edit in edits_between(before, here) {
            in_place.extend(next..edit.before.start);
            next = edit.before.end;
        }
        let (before, after) = (lines(before), lines(after));
        in_place.extend(next..before.len());
        let here = lines(here);
        Kept {
            all_before: before.iter().copied().collect(),
            all_after: after.iter().copied().collect(),
            anywhere: here.iter().copied().filter(|line| speaks(line)).collect(),
            here,
            before,
            after,
            in_place,
        }
    }

    pub(in crate::backport) fn hunk(&self, path: &str, edit: &Edit) -> Sought {
        // A line that is on both sides of the fix was moved, and says nothing of it.
        let removed = |at: &usize| edit.before.contains(at) && !self.all_after.contains(self.before[*at]);
        let (removed, around): (Vec<usize>, Vec<usize>) =
            self.surroundings(edit).into_iter().partition(removed);
        let added = edit.after.clone().map(|at| self.after[at]);
        let added: Vec<_> = added.filter(|line| speaks(line) && !self.all_before.contains(line)).collect();
        let behind = |at: &&usize| !self.has(**at) && self.is_behind(self.before[**at], &added);
        let hunk = HunkPresence {
            path: path.to_owned(),
            line: edit.before.start + 1,
            removed: Share {
                found: self.share(&removed).found + removed.iter().filter(behind).count(),
                of: removed.len(),
            },
            around: self.share(&around),
            added: Share {
                found: added.iter().filter(|line| self.anywhere.contains(*line)).count(),
                of: added.len(),
            },
        };
        let texts = |lines: &[usize]| lines.iter().map(|&at| self.before[at].to_vec()).collect();
        let wanted = Wanted {
            removed: texts(&removed),
            around: texts(&around),
            added: added.into_iter().map(<[u8]>::to_vec).collect(),
        };
        (hunk, wanted)
    }

    fn has(&self, at: usize) -> bool {
        self.in_place.binary_search(&at).is_ok() || self.anywhere.contains(self.before[at])
    }

    fn share(&self, lines: &[usize]) -> Share {
        Share { found: lines.iter().filter(|at| self.has(**at)).count(), of: lines.len() }
    }

    /// Whether a removed line pins something that the branch pins too, in another version than the fix brings.
    fn is_behind(&self, removed: &[u8], added: &[&[u8]]) -> bool {
        let Some(removed) = Pin::of(removed) else { return false };
        let fixed = added.iter().filter_map(|line| Pin::of(line)).find(|pin| pin.shape == removed.shape);
        let mut pins = self.here.iter().filter_map(|line| Pin::of(line));
        fixed.is_some_and(|fixed| pins.any(|pin| pin.is_behind(&fixed)))
    }

    /// The lines that say something at and around a change.
    fn surroundings(&self, edit: &Edit) -> Vec<usize> {
        let said_within = |context: usize| -> Vec<usize> {
            let start = edit.before.start.saturating_sub(context);
            let end = (edit.before.end + context).min(self.before.len());
            (start..end).filter(|&at| speaks(self.before[at])).collect()
        };
        // Where only brackets surround an addition, the next lines that say something are its surroundings.
        let wide_enough = (CONTEXT..=WIDEST).map(said_within).find(|said| said.len() >= CONTEXT);
        wide_enough.unwrap_or_else(|| said_within(WIDEST))
    }
}

/// The text with one kind of quotes. Formatters change them in whole trees, and releases from before are then without a line of
/// what a fix changes, though they are at fault (werkzeug 0.14.1, before black).
pub(in crate::backport) fn without_kinds_of_quotes(mut text: Vec<u8>) -> Vec<u8> {
    text.iter_mut().filter(|byte| **byte == b'\'').for_each(|byte| *byte = b'"');
    text
}

/// Whether a line is more than brackets: such lines are everywhere and show nothing.
fn speaks(line: &[u8]) -> bool {
    line.iter().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()).nth(2).is_some()
}
