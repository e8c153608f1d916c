//! A changelog as lines, without ever rewriting it: what is found here are places in the original text.

use regex::Regex;

use crate::numbering::{Scheme, Version};
use crate::version::template::{Piece, VersionTemplate};

/// One line without its ending.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChangelogLine<'a> {
    pub(super) text: &'a str,
    /// The byte after its line ending.
    pub(super) next: usize,
    kind: LineKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineKind {
    Blank,
    Heading(usize),
    /// A thematic break, such as Wasmtime's eighty dashes between releases.
    Separator,
    Bullet,
    /// `[1.2.3]: https://…`
    LinkTarget,
    /// A line of a code block, whatever it looks like.
    Code,
    /// Anything else.
    Other,
}

/// Whether entries of a list have blank lines between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    Tight,
    Loose,
}

/// The part of the file about one release, as indices of lines.
#[derive(Debug, Clone)]
pub(super) struct ReleaseSection {
    pub(super) version: Version,
    /// Its heading.
    pub(super) first: usize,
    /// The line after its last one: a separator, link targets, or the next heading.
    pub(super) end: usize,
}

/// The lines of a changelog.
#[derive(Debug)]
pub(super) struct Changelog<'a> {
    pub(super) lines: Vec<ChangelogLine<'a>>,
    pub(super) newline: &'static str,
}

impl<'a> Changelog<'a> {
    pub(super) fn parse(text: &'a str) -> Changelog<'a> {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut lines = Vec::new();
        let mut next = 0;
        for raw in text.split_inclusive('\n') {
            next += raw.len();
            let text = raw.trim_end_matches(['\n', '\r']);
            lines.push(ChangelogLine { text, next, kind: kind_of(text) });
        }
        mark_code(&mut lines);
        Changelog { lines, newline }
    }

    /// Every release whose heading has the form of `heading`, as they stand in the file.
    pub(super) fn releases(&self, heading: &Regex, scheme: Scheme) -> Vec<ReleaseSection> {
        let heads: Vec<(usize, Version)> = self
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.kind != LineKind::Code)
            .filter_map(|(index, line)| {
                let found = heading.captures(line.text)?;
                let version = scheme.parse(found.name("version")?.as_str()).ok()?;
                Some((index, version))
            })
            .collect();
        let starts: Vec<usize> = heads.iter().skip(1).map(|(index, _)| *index).collect();
        let ends = starts.into_iter().chain([self.lines.len()]);
        heads
            .into_iter()
            .zip(ends)
            .map(|((first, version), end)| ReleaseSection { version, first, end: self.body_end(first, end) })
            .collect()
    }

    fn body_end(&self, first: usize, end: usize) -> usize {
        let level = self.level(first).unwrap_or(1);
        let stops = |index: &usize| match self.lines[*index].kind {
            LineKind::Separator => true,
            LineKind::Heading(other) => other <= level,
            _ => false,
        };
        let mut end = (first + 1..end).find(stops).unwrap_or(end);
        while end > first + 1 && matches!(self.lines[end - 1].kind, LineKind::LinkTarget | LineKind::Blank) {
            end -= 1;
        }
        end
    }

    /// The separator that the file puts between releases.
    pub(super) fn separator(&self, releases: &[ReleaseSection]) -> Option<&'a str> {
        let after = releases.first()?.first;
        self.lines[after..].iter().find(|line| line.kind == LineKind::Separator).map(|line| line.text)
    }

    /// How the lists of this file are set; `None` if no two entries follow each other.
    pub(super) fn spacing(&self) -> Option<Spacing> {
        let mut previous_entry = false;
        let mut blank = false;
        let (mut tight, mut loose) = (0, 0);
        for line in &self.lines {
            match line.kind {
                LineKind::Bullet => {
                    match (previous_entry, blank) {
                        (true, true) => loose += 1,
                        (true, false) => tight += 1,
                        _ => {}
                    }
                    previous_entry = true;
                }
                LineKind::Heading(_) | LineKind::Separator => previous_entry = false,
                _ => {}
            }
            blank = line.kind == LineKind::Blank;
        }
        match (tight, loose) {
            (0, 0) => None,
            _ if loose > tight => Some(Spacing::Loose),
            _ => Some(Spacing::Tight),
        }
    }

    /// The level of a heading, 1 to 6.
    pub(super) fn level(&self, index: usize) -> Option<usize> {
        match self.lines.get(index)?.kind {
            LineKind::Heading(level) => Some(level),
            _ => None,
        }
    }

    pub(super) fn is_blank(&self, index: usize) -> bool {
        self.lines.get(index).is_none_or(|line| line.kind == LineKind::Blank)
    }

    /// The last line of this range that is not blank.
    pub(super) fn last_text(&self, range: std::ops::Range<usize>) -> Option<usize> {
        range.rev().find(|index| !self.is_blank(*index))
    }
}

/// Marks what stands in fences. A fence that is never closed is taken for text: an entry after it must be found again.
fn mark_code(lines: &mut [ChangelogLine<'_>]) {
    let mut open: Option<(usize, &str)> = None;
    for index in 0..lines.len() {
        let text = lines[index].text.trim_start();
        let Some(mark) = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark)) else { continue };
        match open {
            None => open = Some((index, mark)),
            Some((first, opened)) if opened == mark => {
                lines[first..=index].iter_mut().for_each(|line| line.kind = LineKind::Code);
                open = None;
            }
            Some(_) => {}
        }
    }
}

fn kind_of(line: &str) -> LineKind {
    let text = line.trim();
    let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
    let only = |mark: char| text.len() >= 3 && text.chars().all(|c| c == mark);
    if text.is_empty() {
        LineKind::Blank
    } else if (1..=6).contains(&hashes) && text[hashes..].starts_with([' ', '\t']) {
        LineKind::Heading(hashes)
    } else if only('-') || only('*') || only('_') {
        LineKind::Separator
    } else if ["* ", "- ", "+ "].iter().any(|mark| line.starts_with(mark)) {
        LineKind::Bullet
    } else if text.starts_with('[') && text.contains("]: ") {
        LineKind::LinkTarget
    } else {
        LineKind::Other
    }
}

/// An expression for lines that have the form of this heading, whatever the version; more may follow after a space.
pub(super) fn heading_pattern(heading: &VersionTemplate) -> Result<Regex, regex::Error> {
    let pieces = heading.pieces();
    let mut seen = false;
    let mut pattern = String::from("^");
    for piece in &pieces {
        match piece {
            Piece::Text(text) => pattern.push_str(&regex::escape(text)),
            Piece::Placeholder("version") if !seen => {
                seen = true;
                pattern.push_str(r"(?<version>[0-9][0-9A-Za-z.!_+-]*)");
            }
            Piece::Placeholder(_) => pattern.push_str(r"\S+"),
        }
    }
    pattern.push_str(r"(?:\s.*)?$");
    Regex::new(&pattern)
}
