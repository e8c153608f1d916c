//! The three-way merge of one file's text, as git does it: histogram diff, `zealous` refinement of conflicts.
//!
//! The diff is `imara-diff`'s; what is written here is how two edit scripts against one base become one file,
//! after git's `xdiff/xmerge.c` (`xdl_do_merge`, `xdl_refine_conflicts`), because agreement with `git merge-tree`
//! is what people can check us by.

use std::cell::LazyCell;
use std::ops::Range;

use imara_diff::Token;

use super::edits::{Edit, Texts};
use super::marked::{Hunk, Labels, mark};
use super::window::Window;

/// What came of merging three versions of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backport) enum TextMerge {
    /// Both sides' changes fit together.
    Clean(Vec<u8>),
    /// They do not; the whole text with conflict markers, and the conflicting places.
    Conflict {
        /// The merged text, markers in it.
        marked: Vec<u8>,
        /// Each place where the sides disagree.
        hunks: Vec<Hunk>,
    },
}

/// Who wins a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Theirs,
    Both,
}

/// A region that at least one side changed.
#[derive(Debug, Clone)]
pub(super) struct Region {
    pub(super) side: Side,
    base: Range<usize>,
    pub(super) ours: Range<usize>,
    pub(super) theirs: Range<usize>,
}

/// The regions of three whole texts.
pub(super) fn regions(texts: [&[u8]; 3]) -> (Texts<'_>, Vec<Region>) {
    let Scripts { texts, ours, theirs, .. } = Scripts::of(Window::whole(texts));
    let mut regions = Regions::default();
    regions.interleave(&texts, &ours, &theirs);
    (texts, regions.list)
}

/// Merges what `theirs` did to `base` into `ours`.
pub(in crate::backport) fn merge(base: &[u8], ours: &[u8], theirs: &[u8], labels: &Labels<'_>) -> TextMerge {
    Scripts::between([base, ours, theirs]).merged(labels)
}

/// What each side did to the base, within a window.
pub(super) struct Scripts<'text> {
    pub(super) window: Window<'text>,
    pub(super) texts: Texts<'text>,
    pub(super) ours: Vec<Edit>,
    pub(super) theirs: Vec<Edit>,
}

impl<'text> Scripts<'text> {
    pub(super) fn between(texts: [&'text [u8]; 3]) -> Scripts<'text> {
        let scripts = Scripts::of(Window::around_changes(texts));
        if scripts.go_on_behind_the_window() { Scripts::of(Window::whole(texts)) } else { scripts }
    }

    fn of(window: Window<'text>) -> Scripts<'text> {
        let [base, ours, theirs] = window.texts;
        let texts = Texts::new(base, ours, theirs);
        let (ours, theirs) = (texts.edits(&texts.base, &texts.ours), texts.edits(&texts.base, &texts.theirs));
        Scripts { window, texts, ours, theirs }
    }

    fn go_on_behind_the_window(&self) -> bool {
        let Texts { base, ours, theirs, .. } = &self.texts;
        self.window.is_reached_by(&self.ours, base.len(), ours.len())
            || self.window.is_reached_by(&self.theirs, base.len(), theirs.len())
    }

    pub(super) fn merged(&self, labels: &Labels<'_>) -> TextMerge {
        let mut regions = Regions::default();
        regions.interleave(&self.texts, &self.ours, &self.theirs);
        write_out(&self.texts, &regions.list, &self.window, labels)
    }
}

#[derive(Default)]
struct Regions {
    list: Vec<Region>,
}

impl Regions {
    /// Walks both scripts along the base (`xdl_do_merge`).
    fn interleave(&mut self, texts: &Texts<'_>, one: &[Edit], two: &[Edit]) {
        let (mut left, mut right) = (one.iter().peekable(), two.iter().peekable());
        // How far each side's line numbers have drifted from the base's after its last edit.
        let (mut ours_drift, mut theirs_drift) = (0_isize, 0_isize);
        loop {
            let (a, b) = match (left.peek(), right.peek()) {
                (None, None) => return,
                (Some(a), None) => {
                    self.append(one_sided(Side::Ours, a, theirs_drift));
                    ours_drift = drift(a);
                    left.next();
                    continue;
                }
                (None, Some(b)) => {
                    self.append(one_sided(Side::Theirs, b, ours_drift));
                    theirs_drift = drift(b);
                    right.next();
                    continue;
                }
                (Some(a), Some(b)) => (*a, *b),
            };
            if a.before.end < b.before.start {
                self.append(one_sided(Side::Ours, a, theirs_drift));
                ours_drift = drift(a);
                left.next();
                continue;
            }
            if b.before.end < a.before.start {
                self.append(one_sided(Side::Theirs, b, ours_drift));
                theirs_drift = drift(b);
                right.next();
                continue;
            }
            let same =
                a.before == b.before && texts.ours.get(a.after.clone()) == texts.theirs.get(b.after.clone());
            if !same {
                self.append(overlap(a, b));
            }
            let (a_end, b_end) = (a.before.end, b.before.end);
            if a_end >= b_end {
                theirs_drift = drift(b);
                right.next();
            }
            if b_end >= a_end {
                ours_drift = drift(a);
                left.next();
            }
        }
    }

    /// Adds a region, or joins it to the last one if they touch on either side (`xdl_append_merge`).
    fn append(&mut self, region: Region) {
        if let Some(last) = self.list.last_mut()
            && (region.ours.start <= last.ours.end || region.theirs.start <= last.theirs.end)
        {
            if last.side != region.side {
                last.side = Side::Both;
            }
            last.base.end = region.base.end;
            last.ours.end = region.ours.end;
            last.theirs.end = region.theirs.end;
            return;
        }
        self.list.push(region);
    }
}

/// How far line numbers have drifted from the base's after an edit.
pub(super) fn drift(edit: &Edit) -> isize {
    edit.after.end.cast_signed() - edit.before.end.cast_signed()
}

/// The lines of a side that are these of the base, by how far its numbers have drifted.
pub(super) fn shifted(range: &Range<usize>, by: isize) -> Range<usize> {
    range.start.saturating_add_signed(by)..range.end.saturating_add_signed(by)
}

fn one_sided(side: Side, edit: &Edit, other_drift: isize) -> Region {
    let other = shifted(&edit.before, other_drift);
    let (ours, theirs) = match side {
        Side::Theirs => (other, edit.after.clone()),
        Side::Ours | Side::Both => (edit.after.clone(), other),
    };
    Region { side, base: edit.before.clone(), ours, theirs }
}

/// Both sides changed neighbouring lines: the region that covers both edits.
fn overlap(a: &Edit, b: &Edit) -> Region {
    let base = a.before.start.min(b.before.start)..a.before.end.max(b.before.end);
    let widened = |edit: &Edit| {
        let head = edit.before.start - base.start;
        let tail = base.end - edit.before.end;
        edit.after.start.saturating_sub(head)..edit.after.end + tail
    };
    Region { side: Side::Both, ours: widened(a), theirs: widened(b), base }
}

fn write_out(texts: &Texts<'_>, regions: &[Region], window: &Window<'_>, labels: &Labels<'_>) -> TextMerge {
    let mut merged = window.head.to_vec();
    let mut hunks = Vec::new();
    let lines_before = LazyCell::new(|| window.lines_before());
    let mut copied = 0;
    for region in regions {
        let ours = within(&region.ours, texts.ours.len());
        let theirs = within(&region.theirs, texts.theirs.len());
        match region.side {
            Side::Ours => continue,
            // The sides say the same (`xdl_refine_conflicts`): the branch's lines are copied with the rest.
            Side::Both if texts.ours[ours.clone()] == texts.theirs[theirs.clone()] => continue,
            Side::Theirs | Side::Both => {}
        }
        texts.copy(&texts.ours[copied.min(ours.start)..ours.start], &mut merged);
        if region.side == Side::Theirs {
            texts.copy(&texts.theirs[theirs], &mut merged);
        } else {
            let base = within(&region.base, texts.base.len());
            let bytes = |tokens: &[Token]| {
                let mut bytes = Vec::new();
                texts.copy(tokens, &mut bytes);
                bytes
            };
            let sides = [&texts.base[base.clone()], &texts.ours[ours.clone()], &texts.theirs[theirs.clone()]]
                .map(bytes);
            mark([&sides[0], &sides[1], &sides[2]], labels, &mut merged);
            let [before, here, there] = sides.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            hunks.push(Hunk {
                base_line: *lines_before + base.start + 1,
                ours_line: *lines_before + ours.start + 1,
                theirs_line: *lines_before + theirs.start + 1,
                base: before,
                ours: here,
                theirs: there,
            });
        }
        copied = ours.end;
    }
    texts.copy(&texts.ours[copied.min(texts.ours.len())..], &mut merged);
    merged.extend_from_slice(window.tail);
    if hunks.is_empty() { TextMerge::Clean(merged) } else { TextMerge::Conflict { marked: merged, hunks } }
}

fn within(range: &Range<usize>, length: usize) -> Range<usize> {
    range.start.min(length)..range.end.min(length)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::backport::merging::marked::LABELS;

    /// Lines of very few kinds, so that changes can slide far, with shared ends longer than any window's slack.
    fn texts() -> impl Strategy<Value = [Vec<u8>; 3]> {
        let lines = |most| vec(prop::sample::select(vec!["a\n", "b\n", "}\n", "\n"]), 0..most);
        let periodic = (prop::sample::select(vec!["a\n", "a\nb\n", "\n"]), 0..120_usize);
        let shared = (lines(30), periodic, lines(4));
        (lines(20), [lines(12), lines(12), lines(12)], shared).prop_map(
            |(head, middles, (tail, (unit, times), end))| {
                middles.map(|middle| {
                    let parts =
                        [head.concat(), middle.concat(), unit.repeat(times), tail.concat(), end.concat()];
                    parts.concat().into_bytes()
                })
            },
        )
    }

    proptest! {
        #[test]
        fn window_changes_nothing([base, ours, theirs] in texts()) {
            let whole = Scripts::of(Window::whole([&base, &ours, &theirs])).merged(&LABELS);
            prop_assert_eq!(merge(&base, &ours, &theirs, &LABELS), whole);
        }
    }
}
