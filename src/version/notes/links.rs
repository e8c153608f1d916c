//! The link targets of a changelog: `[1.2.4]: https://…/compare/v1.2.3...v1.2.4`, and `.. _1.2.4: https://…` in
//! reStructuredText.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::numbering::Version;

static TARGET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let label = r"(?:\[(?<label>[^\]\r\n]+)\]:[ \t]*|\.\. _(?<name>[^:\r\n]+):[ \t]+)";
    Regex::new(&format!(r"(?m)^{label}(?<url>\S+)[^\r\n]*\r?\n?")).ok()
});

/// One line `[label]: url`.
struct LinkDefinition<'a> {
    label: &'a str,
    /// What stands before the address.
    lead: &'a str,
    url: &'a str,
    line: Range<usize>,
    url_at: Range<usize>,
}

/// The text with a target for a new release, made as that of the release before is, and with "Unreleased" beginning at the
/// new one; `None` if the releases of this file have no targets.
pub(super) fn with(text: &str, previous: &Version, new: &Version, newline: &str) -> Option<String> {
    let targets = targets(text);
    let names = |target: &LinkDefinition<'_>, version: &Version| {
        target.label.trim_matches('`').trim_start_matches('v') == version.as_str()
    };
    if targets.iter().any(|target| names(target, new)) {
        return None;
    }
    let position = targets.iter().position(|target| names(target, previous))?;
    let before = &targets[position];
    let url = url_of(before.url, previous.as_str(), new.as_str())?;
    let grows = position.checked_sub(1).is_some_and(|above| {
        let above = targets[above].label.trim_matches('`').trim_start_matches('v');
        previous.scheme().parse(above).is_ok_and(|above| above < *previous)
    });
    let line = format!("{}{url}", before.lead.replace(previous.as_str(), new.as_str()));
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let ends = text[before.line.clone()].ends_with('\n');
    match grows {
        true if !ends => edits.push((before.line.end..before.line.end, format!("{newline}{line}"))),
        true => edits.push((before.line.end..before.line.end, format!("{line}{newline}"))),
        false => edits.push((before.line.start..before.line.start, format!("{line}{newline}"))),
    }
    edits.extend(targets.iter().find_map(|target| unreleased(target, previous.as_str(), new.as_str())));
    edits.sort_by_key(|(range, _)| range.start);
    Some(crate::version::place::splice(text, edits))
}

fn targets(text: &str) -> Vec<LinkDefinition<'_>> {
    let Some(target) = TARGET.as_ref() else { return Vec::new() };
    let read = |found: regex::Captures<'_>| {
        let label = found.name("label").or_else(|| found.name("name"))?.range();
        let (line, url_at) = (found.get(0)?.range(), found.name("url")?.range());
        let (lead, url) = (&text[line.start..url_at.start], &text[url_at.clone()]);
        Some(LinkDefinition { label: &text[label], lead, url, line, url_at })
    };
    target.captures_iter(text).filter_map(read).collect()
}

/// The two sides of a comparison, and what is between them: three dots, or two.
fn compared(url: &str) -> Option<(&str, &'static str, &str)> {
    ["...", ".."].into_iter().find_map(|dots| {
        let (from, to) = url.split_once(dots)?;
        Some((from, dots, to))
    })
}

/// Where the notes of the new release are found, by where those of the one before are.
fn url_of(url: &str, previous: &str, new: &str) -> Option<String> {
    if let Some((from, dots, to)) = compared(url) {
        let start = from.rfind('/')? + 1;
        let next = to.replace(previous, new);
        return (next != to).then(|| format!("{}{to}{dots}{next}", &from[..start]));
    }
    url.contains(previous).then(|| url.replace(previous, new))
}

fn unreleased(target: &LinkDefinition<'_>, previous: &str, new: &str) -> Option<(Range<usize>, String)> {
    if !target.label.trim_matches('`').eq_ignore_ascii_case("unreleased") {
        return None;
    }
    let (from, dots, to) = compared(target.url)?;
    let next = from.replace(previous, new);
    (next != from).then(|| (target.url_at.clone(), format!("{next}{dots}{to}")))
}
