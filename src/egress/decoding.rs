//! What a text says in the encodings that it has something of.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use quick_xml::escape::{resolve_html5_entity, unescape_with};
use regex::{Captures, Regex};

use super::margins::without_margins;

/// What is shorter decodes to nothing that tells anything.
const SHORTEST_BASE64: usize = 12;
const SHORTEST_BASE32: usize = 16;
/// Ids of commits are hexadecimal, too, and decode to no text.
const SHORTEST_HEX: usize = 20;

/// What the text decodes to, in each encoding that it has something of.
pub(super) fn decodings(text: &str) -> impl Iterator<Item = String> {
    let all = [
        of_percent(text),
        of_entities(text),
        of_escapes(text),
        of_quoted_printable(text),
        of_digits(text, 64, SHORTEST_BASE64, base64),
        of_digits(text, 32, SHORTEST_BASE32, base32),
        of_digits(text, 16, SHORTEST_HEX, base16),
    ];
    all.into_iter().flatten()
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

/// What strings of programs and of JSON write with a backslash: quotes, backslashes, and letters by their number.
static ESCAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\\(?:u\{(?<long>[0-9a-fA-F]{1,6})\}|u(?<four>[0-9a-fA-F]{4})|x(?<two>[0-9a-fA-F]{2})|(?<sign>["'`\\/$]))"#)
        .ok()
});

fn of_escapes(text: &str) -> Option<String> {
    let plain = |found: &Captures<'_>| {
        if let Some(sign) = found.name("sign") {
            return sign.as_str().to_owned();
        }
        let digits = ["long", "four", "two"].into_iter().find_map(|name| found.name(name));
        let letter =
            digits.and_then(|digits| u32::from_str_radix(digits.as_str(), 16).ok()).and_then(char::from_u32);
        letter.map_or_else(|| found[0].to_owned(), String::from)
    };
    let decoded = ESCAPE.as_ref()?.replace_all(text, plain);
    (decoded != text).then(|| decoded.into_owned())
}

/// As mails are written: `=2D`, and lines that go on after an `=`.
fn of_quoted_printable(text: &str) -> Option<String> {
    if !text.contains('=') {
        return None;
    }
    let decoded = quoted_printable::decode(text, quoted_printable::ParseMode::Robust).ok()?;
    let decoded = String::from_utf8_lossy(&decoded).into_owned();
    (decoded != text).then_some(decoded)
}

/// Everything in it that may be written in so many digits, within a line or over several.
fn of_digits(text: &str, base: u32, shortest: usize, decoded: fn(&str) -> Vec<String>) -> Option<String> {
    let is_coded = |c: char| match base {
        16 => c.is_ascii_hexdigit(),
        32 => c.is_ascii_alphabetic() || ('2'..='7').contains(&c),
        _ => c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_'),
    };
    let mut runs: Vec<String> = text.split(|c: char| !is_coded(c)).map(str::to_owned).collect();
    runs.extend(over_lines(text, is_coded));
    let long = runs.iter().filter(|run| run.len() >= shortest);
    let decoded: Vec<String> = long.flat_map(|run| decoded(run)).collect();
    (!decoded.is_empty()).then(|| decoded.join("\n"))
}

/// Lines one after the other that are such digits from one end to the other.
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

/// A run in base64, of either alphabet, from each of the places where its first group may begin: what stands before it may look like
/// base64, too.
fn base64(run: &str) -> Vec<String> {
    let engine = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let run = run.replace('-', "+").replace('_', "/");
    let from = |start: usize| {
        let run = run.get(start..)?;
        // A last group of one digit stands for nothing.
        let whole = if run.len() % 4 == 1 { run.get(..run.len() - 1)? } else { run };
        engine.decode(whole).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    (0..4).filter_map(from).collect()
}

/// A run in base32. Its padding is no part of it.
fn base32(run: &str) -> Vec<String> {
    let run = run.to_ascii_uppercase();
    // A last group of one, three or six digits stands for nothing.
    let whole = (0..run.len().min(8)).find_map(|cut| {
        let bytes = data_encoding::BASE32_NOPAD.decode(run.get(..run.len() - cut)?.as_bytes()).ok()?;
        String::from_utf8(bytes).ok()
    });
    whole.into_iter().collect()
}

/// A run of bytes in two digits each.
fn base16(run: &str) -> Vec<String> {
    let whole = run.get(..run.len() / 2 * 2).and_then(|run| hex::decode(run).ok());
    whole.and_then(|bytes| String::from_utf8(bytes).ok()).into_iter().collect()
}
