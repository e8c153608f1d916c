//! Edit scripts: which lines of one text became which of another. The diff is `imara-diff`'s histogram, as git's is.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, Interner, Token};

/// Three texts as tokens of one vocabulary.
pub(in crate::backport) struct Texts<'text> {
    pub(in crate::backport) lines: Interner<&'text [u8]>,
    pub(in crate::backport) base: Vec<Token>,
    pub(in crate::backport) ours: Vec<Token>,
    pub(in crate::backport) theirs: Vec<Token>,
}

impl<'text> Texts<'text> {
    pub(in crate::backport) fn new(
        base: &'text [u8],
        ours: &'text [u8],
        theirs: &'text [u8],
    ) -> Texts<'text> {
        let mut lines = Interner::new((base.len() + ours.len() + theirs.len()) / 32);
        let mut tokens = |text: &'text [u8]| -> Vec<Token> {
            imara_diff::sources::byte_lines(text).map(|line| lines.intern(line)).collect()
        };
        let (base, ours, theirs) = (tokens(base), tokens(ours), tokens(theirs));
        Texts { lines, base, ours, theirs }
    }

    pub(in crate::backport) fn edits(&self, before: &[Token], after: &[Token]) -> Vec<Edit> {
        let mut diff = Diff::default();
        diff.compute_with(Algorithm::Histogram, before, after, self.lines.num_tokens());
        diff.postprocess_with(before, after, |_: &[Token], hunk: Range<u32>, _: u32| hunk.end);
        diff.hunks().map(|hunk| Edit { before: wide(&hunk.before), after: wide(&hunk.after) }).collect()
    }

    pub(in crate::backport) fn copy(&self, tokens: &[Token], into: &mut Vec<u8>) {
        for &token in tokens {
            into.extend_from_slice(self.lines[token]);
        }
    }
}

fn wide(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// One edit of a script: these lines of the base became those lines of a side.
#[derive(Debug, Clone)]
pub(in crate::backport) struct Edit {
    pub(in crate::backport) before: Range<usize>,
    pub(in crate::backport) after: Range<usize>,
}

/// The edit script from one text to another, in lines counted from 0.
pub(in crate::backport) fn edits_between(before: &[u8], after: &[u8]) -> Vec<Edit> {
    let texts = Texts::new(before, after, &[]);
    texts.edits(&texts.base, &texts.ours)
}
