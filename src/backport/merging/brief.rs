//! A merge in brief, for the second engine: what lies far from every change is left out of all three texts.
//!
//! A second engine that reads whole files pays mostly for lines that nobody changed. What it is asked, whether it places the
//! changes as the first one does, is decided around them. So each stretch that both sides left alone keeps many lines at
//! both ends, and loses its middle.

use std::ops::Range;

use imara_diff::Token;

use super::edits::{Edit, Texts};
use super::marked::Labels;
use super::text_merge::{Scripts, TextMerge, drift, shifted};
use super::window::Window;

/// How many unchanged lines stay beside a change. Between two changes there are twice as many, more than any fix moves.
const KEPT: usize = 32;

/// Three texts, cut down, and what the first engine makes of them.
pub(in crate::backport) struct Brief {
    /// Base, ours and theirs.
    pub(in crate::backport) texts: [Vec<u8>; 3],
    pub(in crate::backport) merged: Vec<u8>,
}

/// What is left out: the same lines of base, ours and theirs, which are as many in each.
struct Cut {
    base: Range<usize>,
    ours: Range<usize>,
    theirs: Range<usize>,
}

/// As [`merge`](super::text_merge::merge), of base, ours and theirs; and what the second engine is to check, if that is clean.
pub(super) fn merge_with_brief(texts: [&[u8]; 3], labels: &Labels<'_>) -> (TextMerge, Option<Brief>) {
    let scripts = Scripts::between(texts);
    let merged = scripts.merged(labels);
    let brief = matches!(merged, TextMerge::Clean(_)).then(|| scripts.brief(labels));
    (merged, brief.flatten())
}

impl Scripts<'_> {
    /// This merge in brief; `None` if it is not clean.
    pub(super) fn brief(self, labels: &Labels<'_>) -> Option<Brief> {
        let cuts = self.cuts();
        let lines = |side: fn(&Cut) -> &Range<usize>| cuts.iter().map(side).cloned().collect::<Vec<_>>();
        let (base, ours, theirs) = (lines(|cut| &cut.base), lines(|cut| &cut.ours), lines(|cut| &cut.theirs));
        let Scripts { texts, ours: own, theirs: other, .. } = self;
        let short = Scripts {
            window: Window::whole([&[], &[], &[]]),
            ours: own.iter().map(|edit| moved_up(edit, &base, &ours)).collect(),
            theirs: other.iter().map(|edit| moved_up(edit, &base, &theirs)).collect(),
            texts: Texts {
                base: without(&texts.base, &base),
                ours: without(&texts.ours, &ours),
                theirs: without(&texts.theirs, &theirs),
                ..texts
            },
        };
        let TextMerge::Clean(merged) = short.merged(labels) else { return None };
        let texts = [&short.texts.base, &short.texts.ours, &short.texts.theirs].map(|tokens| {
            let mut bytes = Vec::new();
            short.texts.copy(tokens, &mut bytes);
            bytes
        });
        Some(Brief { texts, merged })
    }

    /// The middles of the stretches that neither side changed.
    fn cuts(&self) -> Vec<Cut> {
        let side = |edits: &[Edit], of_ours: bool| {
            edits.iter().map(|edit| (edit.clone(), of_ours)).collect::<Vec<_>>()
        };
        let mut edits = [side(&self.ours, true), side(&self.theirs, false)].concat();
        edits.sort_by_key(|(edit, _)| edit.before.start);
        let mut cuts = Vec::new();
        let (mut end, mut ours, mut theirs) = (0, 0, 0);
        let mut cut_before = |start: usize, end: usize, ours: isize, theirs: isize| {
            if start > end + 2 * KEPT {
                let base = end + KEPT..start - KEPT;
                cuts.push(Cut { ours: shifted(&base, ours), theirs: shifted(&base, theirs), base });
            }
        };
        for (edit, of_ours) in &edits {
            cut_before(edit.before.start, end, ours, theirs);
            *(if *of_ours { &mut ours } else { &mut theirs }) = drift(edit);
            end = end.max(edit.before.end);
        }
        cut_before(self.texts.base.len(), end, ours, theirs);
        cuts
    }
}

/// The tokens that no cut takes.
fn without(tokens: &[Token], cuts: &[Range<usize>]) -> Vec<Token> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut from = 0;
    for cut in cuts {
        kept.extend_from_slice(&tokens[from..cut.start]);
        from = cut.end;
    }
    kept.extend_from_slice(&tokens[from..]);
    kept
}

/// An edit where it is once the cuts before it are taken out.
fn moved_up(edit: &Edit, before: &[Range<usize>], after: &[Range<usize>]) -> Edit {
    let up = |range: &Range<usize>, cuts: &[Range<usize>]| {
        let cut: usize = cuts.iter().filter(|cut| cut.end <= range.start).map(Range::len).sum();
        range.start - cut..range.end - cut
    };
    Edit { before: up(&edit.before, before), after: up(&edit.after, after) }
}

#[cfg(test)]
mod tests {
    use super::merge_with_brief;
    use crate::backport::merging::marked::LABELS;
    use crate::backport::merging::opinion::agrees_on_text;
    use crate::backport::merging::text_merge::{TextMerge, merge};

    /// Two thousand lines, with some of them replaced.
    fn text(replaced: &[(usize, &str)]) -> String {
        let mut lines: Vec<String> = (0..2000).map(|line| format!("line {line}\n")).collect();
        for (line, text) in replaced {
            lines[*line] = (*text).to_owned();
        }
        lines.concat()
    }

    #[test]
    fn what_is_far_from_every_change_is_left_out_and_each_change_stays() {
        let base = text(&[]);
        let ours = text(&[(3, ""), (700, "ours\nand more\n"), (1900, "last\n")]);
        let theirs = text(&[(100, "theirs\n"), (1000, "")]);
        let texts = [&base, &ours, &theirs].map(|text| text.as_bytes());
        let (merged, brief) = merge_with_brief(texts, &LABELS);
        assert_eq!(merged, merge(texts[0], texts[1], texts[2], &LABELS));
        let mut brief = brief.unwrap();
        assert!(agrees_on_text(&brief));
        let lines = |text: &[u8]| String::from_utf8(text.to_vec()).unwrap().lines().count();
        assert!(brief.texts.iter().all(|text| lines(text) < 300));
        let said = String::from_utf8(brief.merged.clone()).unwrap();
        assert!(
            ["ours\nand more\n", "last\n", "theirs\n"].iter().all(|change| said.contains(change)),
            "{said}"
        );
        assert!(!said.contains("line 3\n") && !said.contains("line 1000\n"), "{said}");
        brief.merged.extend_from_slice(b"what nobody wrote\n");
        assert!(!agrees_on_text(&brief));
    }

    #[test]
    fn changes_that_are_near_keep_all_that_is_between_them() {
        let base = text(&[]);
        let (ours, theirs) = (text(&[(500, "ours\n")]), text(&[(560, "theirs\n")]));
        let (merged, brief) = merge_with_brief([&base, &ours, &theirs].map(|text| text.as_bytes()), &LABELS);
        let said = String::from_utf8(brief.unwrap().merged).unwrap();
        assert!((501..560).all(|line| said.contains(&format!("line {line}\n"))), "{said}");
        assert!(matches!(merged, TextMerge::Clean(_)));
    }

    #[test]
    fn conflict_has_no_brief() {
        let (base, ours, theirs) = (text(&[]), text(&[(500, "ours\n")]), text(&[(500, "theirs\n")]));
        let (merged, brief) = merge_with_brief([&base, &ours, &theirs].map(|text| text.as_bytes()), &LABELS);
        assert!(matches!(merged, TextMerge::Conflict { .. }) && brief.is_none());
    }
}
