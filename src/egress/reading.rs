//! The ways in which a text can be read: as it is, unwrapped, and decoded. What is looked for and what is read are brought
//! into the same form before they are compared, so that blanks, case, lines and encodings hide nothing.

use std::ops::Range;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::decoding::decodings;
use super::margins::without_margins;

/// Between two tokens; it is in no text that people write.
const BETWEEN: char = '\u{1f}';
/// Encodings within encodings are followed this far.
const DEPTH: usize = 2;

/// One way to read a text.
pub(super) struct Reading {
    /// In lower case, in one form of each letter and quote, without what is not seen.
    pub(super) folded: String,
    tokens: String,
    /// Where each of `tokens` is in it.
    pieces: Vec<Range<usize>>,
    /// Its letters and digits alone.
    squashed: String,
    /// Where words end in `squashed`.
    ends: Vec<usize>,
}

impl Reading {
    fn new(text: &str) -> Reading {
        let folded = folded(text);
        let (mut squashed, mut ends) = (String::new(), Vec::new());
        for c in folded.chars() {
            if c.is_alphanumeric() {
                squashed.push(c);
            } else if ends.last() != Some(&squashed.len()) {
                ends.push(squashed.len());
            }
        }
        let tokens = tokens(&folded);
        let pieces = pieces_of(&tokens);
        Reading { tokens, pieces, folded, squashed, ends }
    }

    /// Its tokens, one by one.
    pub(super) fn pieces(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.pieces.iter().map(|piece| &self.tokens[piece.clone()])
    }

    /// Whether these letters and digits follow each other in it, whatever is between them.
    pub(super) fn has_squashed(&self, squashed: &str) -> bool {
        self.squashed.contains(squashed)
    }

    /// Whether these tokens follow each other in it.
    pub(super) fn has_tokens(&self, tokens: &str) -> bool {
        self.tokens.contains(tokens)
    }

    /// Whether this id is in it, with whatever between its parts. `CVE-2026-1234` is not in `CVE-2026-12345`.
    pub(super) fn has_id(&self, id: &str) -> bool {
        self.squashed.match_indices(id).any(|(at, _)| {
            let end = at + id.len();
            let goes_on = self.squashed[end..].starts_with(|c: char| c.is_ascii_digit());
            !goes_on || self.ends.binary_search(&end).is_ok()
        })
    }
}

/// Every way to read the text.
pub(super) fn readings(text: &str) -> Vec<Reading> {
    let mut all = vec![text.to_owned()];
    let mut latest = all.clone();
    for _ in 0..DEPTH {
        latest = latest.iter().flat_map(|text| decodings(text)).collect();
        all.extend(latest.iter().cloned());
    }
    all.push(without_margins(text));
    all.sort();
    all.dedup();
    all.iter().map(|text| Reading::new(text)).collect()
}

/// The words and signs of a text, each between two separators: blanks and line breaks decide nothing.
pub(super) fn tokens(folded: &str) -> String {
    let mut tokens = String::from(BETWEEN);
    let mut in_word = false;
    for c in folded.chars() {
        let is_word = c.is_alphanumeric() || c == '_';
        if in_word && !is_word {
            tokens.push(BETWEEN);
        }
        in_word = is_word;
        if is_word {
            tokens.push(c);
        } else if !c.is_whitespace() {
            tokens.extend([c, BETWEEN]);
        }
    }
    if in_word {
        tokens.push(BETWEEN);
    }
    if tokens.chars().count() > 1 { tokens } else { String::new() }
}

/// Where the tokens are in a list of them.
fn pieces_of(tokens: &str) -> Vec<Range<usize>> {
    let ends: Vec<usize> = tokens.match_indices(BETWEEN).map(|(at, _)| at).collect();
    ends.windows(2).map(|pair| pair[0] + BETWEEN.len_utf8()..pair[1]).collect()
}

/// The tokens of such a list.
pub(super) fn listed(tokens: &str) -> Vec<&str> {
    tokens.split(BETWEEN).filter(|token| !token.is_empty()).collect()
}

/// A text as it is compared: of letters in several forms, such as those of full width, of quotes and of dashes one form each.
pub(super) fn folded(text: &str) -> String {
    let plain = ComposingNormalizerBorrowed::new_nfkc().normalize(text).to_lowercase();
    plain.chars().filter(|c| !is_unseen(*c)).map(of_typewriter).collect()
}

/// The letters and digits of a text alone.
pub(super) fn squashed(folded: &str) -> String {
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The sign that stands on a keyboard, of one that programs for letters and pages put in its place.
fn of_typewriter(c: char) -> char {
    match c {
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2039}' | '\u{203a}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        c => c,
    }
}

/// Soft hyphens, and characters without width.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}
