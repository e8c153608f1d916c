//! A changelog as lines, without ever rewriting it: what is found here are places in the original text.

use std::ops::Range;

use super::line::{ChangelogLine, LineKind};
use super::markup::{Markup, mark_code, mark_front_matter, mark_titles, run_of};

/// The lines of a changelog.
#[derive(Debug)]
pub(super) struct Changelog<'a> {
    pub(super) lines: Vec<ChangelogLine<'a>>,
    pub(super) markup: Markup,
}

impl<'a> Changelog<'a> {
    pub(super) fn parse(text: &'a str, markup: Markup) -> Changelog<'a> {
        let mut lines = Vec::new();
        let mut next = 0;
        for raw in text.split_inclusive('\n') {
            next += raw.len();
            let text = raw.trim_end_matches(['\n', '\r']);
            lines.push(ChangelogLine { text, next, kind: kind_of(text, markup) });
        }
        mark_front_matter(&mut lines);
        if markup == Markup::Markdown {
            mark_code(&mut lines);
        }
        mark_titles(&mut lines, markup);
        Changelog { lines, markup }
    }

    /// The level of a heading, from 1.
    pub(super) fn level(&self, index: usize) -> Option<usize> {
        match self.lines.get(index)?.kind {
            LineKind::Heading(level) => Some(level),
            _ => None,
        }
    }

    pub(super) fn kind(&self, index: usize) -> Option<LineKind> {
        Some(self.lines.get(index)?.kind)
    }

    pub(super) fn is_blank(&self, index: usize) -> bool {
        self.lines.get(index).is_none_or(|line| line.kind == LineKind::Blank)
    }

    /// The character of the line under a heading, and whether one is over it too; `None` if nothing is under it.
    pub(super) fn underline(&self, heading: usize) -> Option<(char, bool)> {
        if self.markup == Markup::Markdown && self.lines.get(heading)?.text.trim_start().starts_with('#') {
            return None;
        }
        let under = self.lines.get(heading + 1).filter(|line| line.kind == LineKind::Rule)?;
        let over = heading.checked_sub(1).and_then(|above| self.kind(above)) == Some(LineKind::Rule);
        Some((run_of(under.text)?, over))
    }

    /// The first line of this range that is not blank.
    pub(super) fn first_text(&self, mut range: Range<usize>) -> Option<usize> {
        range.find(|index| !self.is_blank(*index))
    }

    /// The mark under the headings below the one at `heading`, where that has one: the file's own, else one that it does not
    /// use yet, as docutils would take it for the next level.
    pub(super) fn mark_below(&self, heading: usize) -> Option<char> {
        self.underline(heading).filter(|_| self.markup == Markup::Underlined)?;
        let level = self.level(heading)?;
        let headings =
            (0..self.lines.len()).filter_map(|index| Some((self.level(index)?, self.underline(index)?.0)));
        let used: Vec<(usize, char)> = headings.collect();
        let own = used.iter().find(|(other, _)| *other > level).map(|(_, mark)| *mark);
        own.or_else(|| {
            ['-', '~', '^', '"'].into_iter().find(|mark| used.iter().all(|(_, other)| other != mark))
        })
    }

    /// The last line of this range that is not blank.
    pub(super) fn last_text(&self, range: Range<usize>) -> Option<usize> {
        range.rev().find(|index| !self.is_blank(*index))
    }
}

/// How lines are ended between these two texts: as the last one above is, else as the first one below.
pub(super) fn newline_below(above: &str, below: &str) -> &'static str {
    last_ending(above).or_else(|| first_ending(below)).unwrap_or("\n")
}

/// The same, where what is below is nearer.
pub(super) fn newline_above(above: &str, below: &str) -> &'static str {
    first_ending(below).or_else(|| last_ending(above)).unwrap_or("\n")
}

fn first_ending(text: &str) -> Option<&'static str> {
    text.find('\n').map(|at| ending(&text[..at]))
}

fn last_ending(text: &str) -> Option<&'static str> {
    text.rfind('\n').map(|at| ending(&text[..at]))
}

fn ending(line: &str) -> &'static str {
    if line.ends_with('\r') { "\r\n" } else { "\n" }
}

fn kind_of(line: &str, markup: Markup) -> LineKind {
    let text = line.trim();
    let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
    let only = |mark: char| text.len() >= 3 && text.chars().all(|c| c == mark);
    let is_rule = match markup {
        Markup::Markdown => only('-') || only('*') || only('_'),
        Markup::Underlined => !line.starts_with([' ', '\t']) && text.len() >= 4 && run_of(text).is_some(),
    };
    if text.is_empty() {
        LineKind::Blank
    } else if markup == Markup::Markdown
        && (1..=6).contains(&hashes)
        && text[hashes..].starts_with([' ', '\t'])
    {
        LineKind::Heading(hashes)
    } else if is_rule {
        LineKind::Separator
    } else if ["* ", "- ", "+ "].iter().any(|mark| line.starts_with(mark)) {
        LineKind::Bullet
    } else if text.starts_with('[') && text.contains("]: ")
        || markup == Markup::Underlined && text.starts_with(".. _") && text.contains(": ")
    {
        LineKind::LinkTarget
    } else {
        LineKind::Other
    }
}
