//! The ways in which a text can be read: as it is, unwrapped, and decoded. What is looked for and what is read are brought
//! into the same form before they are compared, so that blanks, case, lines and encodings hide nothing.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use quick_xml::escape::{resolve_html5_entity, unescape_with};
use regex::{Captures, Regex};

/// Between two tokens; it is in no text that people write.
const BETWEEN: char = '\u{1f}';
/// Encodings within encodings are followed this far.
const DEPTH: usize = 2;
/// What is shorter decodes to nothing that tells anything.
const SHORTEST_BASE64: usize = 12;

/// One way to read a text.
pub(super) struct Reading {
    /// In lower case, without what is not seen.
    pub(super) folded: String,
    tokens: String,
    /// Its letters and digits alone.
    squashed: String,
    /// Where words end in `squashed`.
    ends: Vec<usize>,
}

impl Reading {
    fn new(text: &str) -> Reading {
        let folded: String = text.to_lowercase().chars().filter(|c| !is_unseen(*c)).collect();
        let (mut squashed, mut ends) = (String::new(), Vec::new());
        for c in folded.chars() {
            if c.is_alphanumeric() {
                squashed.push(c);
            } else if ends.last() != Some(&squashed.len()) {
                ends.push(squashed.len());
            }
        }
        Reading { tokens: tokens(&folded), folded, squashed, ends }
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

/// Soft hyphens, and characters without width.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The text without what stands before its lines in quotes, lists, comments and patches.
fn without_margins(text: &str) -> String {
    let bare =
        |line: &str| line.trim_start_matches([' ', '\t', '>', '|', '+', '-', '*', '#', '/']).to_owned();
    text.lines().map(bare).collect::<Vec<_>>().join("\n")
}

/// What the text decodes to, in each encoding that it has something of.
fn decodings(text: &str) -> impl Iterator<Item = String> {
    [of_percent(text), of_entities(text), of_base64(text)].into_iter().flatten()
}

fn of_percent(text: &str) -> Option<String> {
    let (bytes, mut decoded, mut at) = (text.as_bytes(), Vec::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        let coded = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let value = coded.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(value.unwrap_or(byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    (decoded.len() < bytes.len()).then(|| String::from_utf8_lossy(&decoded).into_owned())
}

/// References of HTML by number and by name; browsers show those without their semicolon, too.
static ENTITY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new("&(?<name>#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});?").ok()
});

fn of_entities(text: &str) -> Option<String> {
    let plain = |found: &Captures<'_>| {
        let coded = format!("&{};", found["name"].replacen("#X", "#x", 1));
        let plain = unescape_with(&coded, resolve_html5_entity).map(Cow::into_owned);
        plain.unwrap_or_else(|_| found[0].to_owned())
    };
    let decoded = ENTITY.as_ref()?.replace_all(text, plain);
    (decoded != text).then(|| decoded.into_owned())
}

/// Everything in it that may be base64, of either alphabet, within a line or over several.
fn of_base64(text: &str) -> Option<String> {
    let is_coded = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    let mut runs: Vec<String> = text.split(|c: char| !is_coded(c)).map(str::to_owned).collect();
    runs.extend(over_lines(text, is_coded));
    let long = runs.iter().filter(|run| run.len() >= SHORTEST_BASE64);
    let decoded: Vec<String> = long.flat_map(|run| decoded(run)).collect();
    (!decoded.is_empty()).then(|| decoded.join("\n"))
}

/// Lines one after the other that are base64 from one end to the other.
fn over_lines(text: &str, is_coded: impl Fn(char) -> bool) -> Vec<String> {
    let mut runs = vec![String::new()];
    for line in text.lines() {
        let line = without_margins(line);
        let line = line.trim().trim_end_matches('=');
        match runs.last_mut() {
            Some(run) if !line.is_empty() && line.chars().all(&is_coded) => run.push_str(line),
            _ => runs.push(String::new()),
        }
    }
    runs
}

/// A run from each of the places where its first group may begin: what stands before it may look like base64, too.
fn decoded(run: &str) -> impl Iterator<Item = String> {
    let engine = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let run = run.replace('-', "+").replace('_', "/");
    (0..4).filter_map(move |start| {
        let run = run.get(start..)?;
        // A last group of one digit stands for nothing.
        let whole = if run.len() % 4 == 1 { run.get(..run.len() - 1)? } else { run };
        engine.decode(whole).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    })
}
