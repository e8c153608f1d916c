//! The part of three texts in which they differ: what all three share before and behind it need not be compared.
//!
//! A fix changes a few lines of a file of thousands, so this is where most of a merge's time is saved. The merge of the
//! window is the merge of the whole: diffs set the same beginning and end aside themselves, and where a change slides
//! down to the window's edge ([`Window::is_reached_by`]), the whole texts are merged instead.

use super::edits::Edit;

/// How many shared lines a window keeps behind the last difference, for changes to slide down on: a change of lines
/// that repeat is placed as far down as it can be.
const SLACK: usize = 32;
/// How many bytes are compared at once.
const BLOCK: usize = 256;

/// Three texts, base, ours and theirs, without what they share at both ends.
#[derive(Debug, Clone, Copy)]
pub(in crate::backport) struct Window<'text> {
    /// What all three begin with: whole lines.
    pub(in crate::backport) head: &'text [u8],
    /// What is between.
    pub(in crate::backport) texts: [&'text [u8]; 3],
    /// What all three end with: whole lines.
    pub(in crate::backport) tail: &'text [u8],
}

impl<'text> Window<'text> {
    /// The window around every difference of the three.
    pub(in crate::backport) fn around_changes(texts: [&'text [u8]; 3]) -> Window<'text> {
        let [base, ours, theirs] = texts;
        let shared = same_bytes(base, ours).min(same_bytes(base, theirs));
        let (head, _) = base.split_at(last_line_start(&base[..shared]));
        let texts = texts.map(|text| &text[head.len()..]);
        let [base, ours, theirs] = texts;
        let shared = same_end(base, ours).min(same_end(base, theirs));
        let tail = behind_lines(&base[base.len() - shared..], SLACK + 1);
        Window { head, texts: texts.map(|text| &text[..text.len() - tail.len()]), tail }
    }

    /// The whole texts.
    pub(in crate::backport) fn whole(texts: [&'text [u8]; 3]) -> Window<'text> {
        Window { head: &[], texts, tail: &[] }
    }

    /// Whether an edit between texts of these lengths, in lines, might go on behind the window.
    pub(in crate::backport) fn is_reached_by(&self, edits: &[Edit], before: usize, after: usize) -> bool {
        let at_the_end = |edit: &Edit| edit.before.end >= before || edit.after.end >= after;
        !self.tail.is_empty() && edits.last().is_some_and(at_the_end)
    }

    /// How many lines are before the window.
    pub(in crate::backport) fn lines_before(&self) -> usize {
        self.head.iter().filter(|&&byte| byte == b'\n').count()
    }
}

/// How many bytes two texts share at the beginning.
fn same_bytes(one: &[u8], two: &[u8]) -> usize {
    let blocks = one.chunks_exact(BLOCK).zip(two.chunks_exact(BLOCK));
    let start = blocks.take_while(|(one, two)| one == two).count() * BLOCK;
    let rest = one[start..].iter().zip(&two[start..]);
    start + rest.take_while(|(one, two)| one == two).count()
}

/// How many bytes two texts share at the end.
fn same_end(one: &[u8], two: &[u8]) -> usize {
    let blocks = one.rchunks_exact(BLOCK).zip(two.rchunks_exact(BLOCK));
    let end = blocks.take_while(|(one, two)| one == two).count() * BLOCK;
    let (one, two) = (&one[..one.len() - end], &two[..two.len() - end]);
    end + one.iter().rev().zip(two.iter().rev()).take_while(|(one, two)| one == two).count()
}

/// Where the last line of a text begins, behind its last line break.
fn last_line_start(text: &[u8]) -> usize {
    text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1)
}

/// What is behind so many line breaks of a text.
fn behind_lines(text: &[u8], lines: usize) -> &[u8] {
    let mut breaks = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    breaks.nth(lines.saturating_sub(1)).map_or(&[], |at| &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(numbers: impl Iterator<Item = usize>) -> Vec<u8> {
        numbers.flat_map(|number| format!("line {number}\n").into_bytes()).collect()
    }

    #[test]
    fn window_holds_every_difference_and_some_slack() {
        let base = lines(0..1000);
        let ours: Vec<u8> = [lines(0..500), lines(7000..7001), lines(500..1000)].concat();
        let theirs: Vec<u8> = [lines(0..510), lines(511..1000)].concat();
        let window = Window::around_changes([&base, &ours, &theirs]);
        assert_eq!(window.lines_before(), 500);
        assert_eq!(window.tail, lines((511 + SLACK)..1000));
        for (text, part) in [&base, &ours, &theirs].into_iter().zip(window.texts) {
            assert_eq!(*text, [window.head, part, window.tail].concat());
        }
    }

    #[test]
    fn texts_that_share_one_line_share_it_once() {
        let window = Window::around_changes([b"a\n", b"a\na\n", b"a\na\na\n"]);
        assert_eq!((window.head, window.tail), (&b"a\n"[..], &b""[..]));
        assert_eq!(window.texts, [&b""[..], b"a\n", b"a\na\n"]);
        let window = Window::around_changes([b"", b"a", b"ab"]);
        assert_eq!(window.texts, [&b""[..], b"a", b"ab"]);
    }
}
