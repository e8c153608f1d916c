//! The sections of a changelog: which line begins one, of which version, and where it ends.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::line::LineKind;
use super::text::Changelog;
use crate::numbering::{Scheme, Version};

/// The part of the file about one release, as indices of lines.
#[derive(Debug, Clone)]
pub(super) struct ReleaseSection {
    pub(super) version: Version,
    /// When it was released, where its heading says so in numbers.
    pub(super) date: Option<Date>,
    /// The first line that belongs to its heading: a label, an anchor, or a line over the title.
    pub(super) top: usize,
    /// Its heading.
    pub(super) first: usize,
    /// The line after its heading and what is under that.
    pub(super) body: usize,
    /// The line after its last one: a separator, link targets, or the next heading.
    pub(super) end: usize,
}

/// Headings as projects write them, whatever the rule says: `v1.2.3`, `[1.2.3](…) (2026-01-07)`, `Version 1.2.3`,
/// `Pump 1.2.3 - 2026-01-07`, `2026-01-07, Version 1.2.3`, `1.2.3 / 2026-01-07`, `1.2.3 (not yet released)`.
static USUAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^
        (?::\w+:\s*|[^\p{L}\p{N}\[(\s]+\s+)?
        (?:[0-9]{4}[-./][0-9]{2}[-./][0-9]{2}[,:]?\s+)?
        (?<name>(?:[\p{L}@][\p{L}@/_'-]*[0-9]*(?:\.?\p{L}+)*\s+){0,3})
        (?:[\p{L}][\p{L}-]*-)?
        [\[(]?\s*[vV]?\.?
        (?<version>[0-9][0-9A-Za-z.!_+-]*)
        \s*[\])]?
        (?:\s*\([^)]*\)|\[[^\]]*\])?
        (?:\s+(?i:(?<stage>(?:rc|alpha|beta)[\ .-]?\d+)|ga|final|lts)\b)?
        (?:\s*$|\s*[-–—/:,(\[]|\s+['\x22(0-9]|\s+(?i:released?|unreleased|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))",
    )
    .ok()
});

/// Words of a heading that tells what was done, and is none of a release.
const DOING: [&str; 16] = [
    "to",
    "from",
    "for",
    "since",
    "bump",
    "bumps",
    "upgrade",
    "upgrading",
    "update",
    "updated",
    "migrating",
    "migration",
    "requires",
    "support",
    "drop",
    "with",
];

/// What titles of such files say.
const FILES: [&str; 7] =
    ["release notes", "changelog", "change log", "changes", "release history", "history", "news"];

/// What opens a section of things that no release has yet.
const UNRELEASED: [&str; 8] = [
    "unreleased",
    "not yet released",
    "upcoming",
    "next release",
    "next",
    "head",
    "in development",
    "pending",
];

/// Words by which a heading says that its release is still to come.
const STILL_OPEN: [&str; 10] = [
    "unreleased",
    "not yet released",
    "not released",
    "to be released",
    "in development",
    "in progress",
    "tbd",
    "tba",
    "xxxx-xx-xx",
    "yyyy-mm-dd",
];

/// Whether a line says that its release is still to come: in a word, or by a date that nobody knows yet, such as
/// `?? ??? ????` in PHP's news and `[xx XXX xxxx]` in OpenSSL's changes.
pub(super) fn is_still_open(line: &str) -> bool {
    let line = line.to_lowercase();
    let words = line.split(|c: char| !c.is_alphanumeric());
    let unknown = words.filter(|word| word.len() >= 2 && word.bytes().all(|letter| letter == b'x')).count();
    STILL_OPEN.iter().any(|word| line.contains(word)) || line.contains("??") || unknown >= 2
}

impl Changelog<'_> {
    /// Every release with a heading of the rule's form or of a usual one, as they stand in the file.
    pub(super) fn releases(&self, heading: &Regex, like: &Version) -> Vec<ReleaseSection> {
        let heads: Vec<(usize, Version)> = (0..self.lines.len())
            .filter(|index| self.opens_a_line(*index) || self.is_item_of_the_rule(*index, heading))
            .filter_map(|index| Some((index, self.version_at(index, heading, like)?)))
            .collect();
        // A release that is told of below the words of another one is none of its own.
        let heads: Vec<(usize, Version)> = self.without_title(self.outermost(heads), like);
        let starts: Vec<usize> = heads.iter().skip(1).map(|(index, _)| *index).collect();
        let ends = starts.into_iter().chain([self.lines.len()]);
        heads.into_iter().zip(ends).map(|((first, version), end)| self.section(first, end, version)).collect()
    }

    /// Headings that are marked, where any is; else lines that stand alone.
    fn outermost(&self, heads: Vec<(usize, Version)>) -> Vec<(usize, Version)> {
        if heads.iter().all(|(index, _)| self.level(*index).is_none()) {
            return heads;
        }
        heads.into_iter().filter(|(index, _)| self.level(*index).is_some()).collect()
    }

    /// Without the title of the file, which may name its line: `Redis 7.4 release notes` above `Redis 7.4.1    Released …`. It is
    /// the first of all, and alone in saying what the file is; where nothing else names a version, it says less of one.
    fn without_title(&self, mut heads: Vec<(usize, Version)>, like: &Version) -> Vec<(usize, Version)> {
        let says = |(index, _): &(usize, Version)| says_what_a_file_is(self.lines[*index].text);
        let is_title = match heads.as_slice() {
            [] => false,
            [only] => says(only) && only.1.is_shorter_than(like.numbers().count()),
            [first, others @ ..] => says(first) && !others.iter().any(says),
        };
        if is_title {
            heads.remove(0);
        }
        heads
    }

    /// Whether a heading may be here: a marked one, or a line after a blank one.
    fn opens_a_line(&self, index: usize) -> bool {
        match self.lines[index].kind {
            LineKind::Heading(_) => true,
            LineKind::Other | LineKind::LinkTarget => {
                let above = index.checked_sub(1);
                above.is_none_or(|above| {
                    matches!(
                        self.kind(above),
                        Some(LineKind::Blank | LineKind::Separator | LineKind::Code | LineKind::Rule)
                    )
                })
            }
            _ => false,
        }
    }

    /// Whether an item of a list is a heading, as in the news of GNU projects: the rule says so.
    fn is_item_of_the_rule(&self, index: usize, heading: &Regex) -> bool {
        let line = &self.lines[index];
        line.kind == LineKind::Bullet && heading.is_match(line.text)
    }

    fn version_at(&self, index: usize, heading: &Regex, like: &Version) -> Option<Version> {
        let line = self.lines[index].text;
        let plain = self.level(index).is_none();
        // An unmarked line has to be little more than the version, unless the rule says what it begins with.
        let begins_with_words = !heading.as_str().starts_with("^(?<version>");
        let is_of_the_rule = begins_with_words && heading.is_match(line);
        if plain && !is_of_the_rule && line.split_whitespace().count() > 5 {
            return None;
        }
        let by_rule = heading.captures(line).and_then(|found| read(found.name("version")?.as_str(), like));
        by_rule.or_else(|| {
            let text = bare(line);
            let found = USUAL.as_ref()?.captures(&text)?;
            let name = found.name("name")?.as_str().to_lowercase();
            if name.split_whitespace().any(|word| DOING.contains(&word)) {
                return None;
            }
            if plain && (!name.trim().is_empty() || line.starts_with('#')) {
                return None;
            }
            let version = found.name("version")?.as_str();
            match found.name("stage") {
                Some(stage) => read(&format!("{version}-{}", stage.as_str().to_lowercase()), like),
                None => read(version, like),
            }
        })
    }

    fn section(&self, first: usize, end: usize, version: Version) -> ReleaseSection {
        let body = if self.kind(first + 1) == Some(LineKind::Rule) { first + 2 } else { first + 1 };
        let end = self.body_end(first, body, end);
        ReleaseSection {
            top: self.top(first, &version),
            version,
            date: self.date_in(first),
            first,
            body,
            end,
        }
    }

    /// Where the heading begins: labels and anchors that name the version, and a line over it, belong to it.
    fn top(&self, first: usize, version: &Version) -> usize {
        let mut top = first;
        while let Some(above) = top.checked_sub(1) {
            let line = &self.lines[above];
            let over = above + 1 == first && line.kind == LineKind::Rule;
            if over || (is_label(line.text) && mentions(line.text, version)) {
                top = above;
            } else if line.kind == LineKind::Blank
                && above.checked_sub(1).is_some_and(|label| {
                    is_label(self.lines[label].text) && mentions(self.lines[label].text, version)
                })
            {
                top = above - 1;
            } else {
                break;
            }
        }
        top
    }

    fn body_end(&self, first: usize, body: usize, end: usize) -> usize {
        let level = self.level(first).unwrap_or(1);
        let stops = |index: &usize| match self.lines[*index].kind {
            LineKind::Separator => true,
            LineKind::Heading(other) => other <= level,
            _ => false,
        };
        let mut end = (body..end).find(stops).unwrap_or(end);
        while end > body
            && (matches!(self.lines[end - 1].kind, LineKind::LinkTarget | LineKind::Blank | LineKind::Rule)
                || is_label(self.lines[end - 1].text))
        {
            end -= 1;
        }
        end
    }

    /// The separator that the file puts between releases.
    pub(super) fn separator(&self, releases: &[ReleaseSection]) -> Option<&str> {
        let between = releases.first()?.body..releases.last()?.end.max(releases.first()?.end + 1);
        let lines = self.lines.get(between.start..between.end.min(self.lines.len()))?;
        lines.iter().find(|line| line.kind == LineKind::Separator).map(|line| line.text)
    }

    /// The heading of what is not released yet, and the line after the last one of its section.
    pub(super) fn unreleased(&self) -> Option<(usize, usize)> {
        let heads = (0..self.lines.len()).filter(|index| self.level(*index).is_some());
        let first = heads.into_iter().find(|index| is_unreleased(self.lines[*index].text))?;
        let body = if self.kind(first + 1) == Some(LineKind::Rule) { first + 2 } else { first + 1 };
        Some((first, self.body_end(first, body, self.lines.len())))
    }
}

/// A version as the scheme reads it; else, in a file whose headings were written in another form, as dotted numbers.
fn read(text: &str, like: &Version) -> Option<Version> {
    let text = text.trim_end_matches(['.', ':', ',', '-', '_']);
    let is_date = text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2;
    let is_line = text.to_ascii_lowercase().ends_with(".x");
    // A year, or the number of an issue.
    let is_number = !text.contains('.') && like.as_str().contains('.');
    if is_date || is_line || is_number {
        return None;
    }
    like.scheme().parse(text).or_else(|_| Scheme::Numbers.parse(text)).ok()
}

/// The words of a heading without its marks.
fn bare(line: &str) -> String {
    let text = line.trim().trim_start_matches('#').trim_end_matches('#').trim();
    text.replace(['*', '`', '=', '\u{fe0f}'], "").trim().to_owned()
}

/// Whether a line names the kind of the file that it heads.
fn says_what_a_file_is(line: &str) -> bool {
    let line = line.to_lowercase();
    FILES.iter().any(|words| line.contains(words))
}

fn is_unreleased(line: &str) -> bool {
    let text = bare(line).to_lowercase();
    let text = text.trim_matches(['[', ']', '(', ')', ':', '.', ' ']);
    UNRELEASED.iter().any(|word| text == *word || text.starts_with(&format!("{word}]")))
        || text.starts_with("unreleased")
}

fn is_label(line: &str) -> bool {
    let text = line.trim();
    (text.starts_with(".. _") && text.ends_with(':'))
        || text.starts_with("<a name=")
        || text.starts_with("<a id=")
        || text.starts_with("<span id=")
}

/// Whether a label names this version: `v1.2.3`, `release-1-2-3`, `1_2_3`.
pub(super) fn mentions(label: &str, version: &Version) -> bool {
    forms(version.as_str()).iter().any(|form| label.contains(form.as_str()))
}

/// A version as labels write it.
pub(super) fn forms(version: &str) -> [String; 3] {
    [version.to_owned(), version.replace('.', "-"), version.replace('.', "_")]
}
