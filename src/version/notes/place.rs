//! Where a section or an entry goes in the text of a changelog.

use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use super::error::NotesError;
use super::heading::HeadingForm;
use super::line::LineKind;
use super::neighbours::{Neighbours, bullet};
use super::rule::NotesOrder;
use super::section::{ReleaseSection, forms, mentions};
use super::sequence::{Beside, order_of};
use super::text::{Changelog, newline_above, newline_below};
use super::values::Telling;
use crate::numbering::Version;

impl Telling<'_> {
    /// Beside which of the releases in the file this one goes; at least one is there.
    pub(super) fn beside(&self, releases: &[ReleaseSection]) -> Result<Beside, NotesError> {
        let older = |release: &ReleaseSection| release.version < *self.version;
        let last = releases.len().saturating_sub(1);
        let by_version = releases.iter().position(older).map_or(Beside::Below(last), Beside::Above);
        match self.rule.order.or_else(|| order_of(releases, by_version)) {
            Some(NotesOrder::ByDate) => Ok(Beside::Above(0)),
            Some(NotesOrder::OldestFirst) => Ok(upwards(releases, older)),
            Some(NotesOrder::NewestFirst) => Ok(by_version),
            None => Err(self.uncertain(
                "its releases stand in no order of their versions, so it may belong at the top or beside its own line; \
                 `order` in the notes of the catalog says which: \"by-date\" or \"newest-first\""
                    .to_owned(),
            )),
        }
    }

    /// The position of this release in the file, or of the one beside which it goes.
    pub(super) fn position(&self, releases: &[ReleaseSection]) -> usize {
        let own = releases.iter().position(|release| release.version == *self.version);
        own.unwrap_or_else(|| match self.beside(releases) {
            Ok(beside) => beside.position(),
            Err(_) => 0,
        })
    }

    /// The entries as lines, put as their neighbours are.
    pub(super) fn list(&self, near: &Neighbours<'_>, blocks: &[Vec<String>]) -> Vec<String> {
        let form = near.entries(self.title());
        let mut list = Vec::new();
        for block in blocks {
            if !list.is_empty() {
                list.extend(blanks(self.gap(near)));
            }
            match &form {
                Some(form) => list.extend(indented(block, form.indentation)),
                None => list.extend_from_slice(block),
            }
        }
        list
    }

    /// The words of the heading under which entries go.
    fn title(&self) -> Option<&str> {
        self.rule.section.as_deref()?.trim_end().lines().next()
    }

    /// How many blank lines are between two entries.
    fn gap(&self, near: &Neighbours<'_>) -> usize {
        let (gap, at_least) = self.rule.gap();
        near.entries(self.title()).and_then(|form| form.gap).unwrap_or(gap).max(at_least)
    }

    /// Adds to the section of a release that is there.
    pub(super) fn extend(
        &self,
        near: &Neighbours<'_>,
        release: &ReleaseSection,
        list: &[String],
    ) -> Insertion {
        let (log, body) = (near.log, release.body..release.end);
        let head = release.body.saturating_sub(1);
        let (Some(wanted), Some(title)) = (self.section(log, Some(release)), self.title()) else {
            let end = body.clone().find(|index| log.level(*index).is_some()).unwrap_or(body.end);
            let end = if log.kind(end) == Some(LineKind::Heading(1)) { body.end } else { end };
            return self.append(near, head, body.start..end, list);
        };
        let is_wanted = |index: &usize| log.lines[*index].text.trim() == title.trim();
        if let Some(head) = body.clone().find(is_wanted) {
            let level = log.level(head).unwrap_or(6);
            let next = |index: &usize| {
                log.level(*index).is_some_and(|other| other <= level) || near.is_like(*index, title)
            };
            let first = if log.underline(head).is_some() { head + 2 } else { head + 1 };
            let end = (first..body.end).find(next).unwrap_or(body.end);
            return self.append(near, first - 1, first..end, list);
        }
        let follows = body.clone().any(|index| near.is_like(index, title));
        let last = log.last_text(body);
        let above =
            last.map_or_else(|| near.below_heading(), |_| near.above_title(title, follows).unwrap_or(1));
        let mut lines = blanks(above);
        lines.extend(wanted);
        lines.extend(blanks(near.below_title(title).unwrap_or(1)));
        lines.extend_from_slice(list);
        Insertion::after(log, last.unwrap_or(head), lines).set_off(log)
    }

    /// The rule's heading of entries with these, above a line; `None` where the rule has none.
    pub(super) fn begin_above(
        &self,
        near: &Neighbours<'_>,
        line: usize,
        list: &[String],
    ) -> Option<Insertion> {
        let title = self.title()?;
        let mut lines = self.section(near.log, None)?;
        lines.extend(blanks(near.below_title(title).unwrap_or(1)));
        lines.extend_from_slice(list);
        lines.extend(blanks(near.above_title(title, false).unwrap_or(1)));
        Some(Insertion::before(near.log, line, lines))
    }

    /// Adds to the list that ends inside `range`; the list may be empty.
    fn append(&self, near: &Neighbours<'_>, head: usize, range: Range<usize>, list: &[String]) -> Insertion {
        let log = near.log;
        let least = self.title().and_then(bullet).map_or(0, |indentation| indentation.len() + 1);
        let begins =
            list.first().is_some_and(|line| bullet(line).is_some()) && !near.has_list(range.clone(), least);
        let Some(last) = log.last_text(range) else {
            let below = self.title().and_then(|title| near.below_title(title));
            let mut lines = blanks(below.unwrap_or_else(|| near.below_heading().min(1)));
            lines.extend_from_slice(list);
            return Insertion::after(log, head, lines).set_off(log);
        };
        let mut lines = blanks(self.gap(near).max(usize::from(begins)));
        lines.extend_from_slice(list);
        let added = Insertion::after(log, last, lines);
        // What follows a list without a blank line follows this entry so, too.
        if begins { added.set_off(log) } else { added }
    }

    /// The heading under which entries go, with the line under it that the file has, or needs.
    fn section(&self, log: &Changelog<'_>, release: Option<&ReleaseSection>) -> Option<Vec<String>> {
        let given: Vec<&str> =
            self.rule.section.as_deref()?.trim_start_matches(['\r', '\n']).lines().collect();
        let line = given.first()?.trim_end().to_owned();
        let title = line.trim_start();
        let there = (0..log.lines.len()).find(|index| log.lines[*index].text.trim() == title);
        let mark = there
            .and_then(|index| log.underline(index))
            .map(|(mark, _)| mark)
            .or_else(|| super::markup::run_of(given.get(1)?))
            .or_else(|| log.mark_below(release?.first).filter(|_| is_bare(title)));
        let under = mark.map(|mark| mark.to_string().repeat(title.width()));
        Some(std::iter::once(line).chain(under).collect())
    }

    /// A new section.
    pub(super) fn fresh(
        &self,
        near: &Neighbours<'_>,
        releases: &[ReleaseSection],
        form: &HeadingForm,
        list: &[String],
    ) -> Result<Insertion, NotesError> {
        let (log, below) = (near.log, near.below_heading());
        let mut lines = self.heading(releases, form, below)?;
        let under_released = || near.below_released(self.title()).unwrap_or(below.min(1));
        lines.extend(blanks(if form.released.is_some() { under_released() } else { below }));
        if let (Some(section), Some(title)) = (self.section(log, releases.first()), self.title()) {
            lines.extend(section);
            lines.extend(blanks(near.below_title(title).unwrap_or(below.min(1))));
        }
        lines.extend_from_slice(list);
        // Without an entry, what follows is the next release.
        while list.is_empty() && lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        if releases.is_empty() {
            return self.alone(log, lines);
        }
        let between = self.between(near);
        Ok(match self.beside(releases)? {
            Beside::Above(position) => {
                let older = &releases[position];
                lines.splice(0..0, self.label(log, older));
                lines.extend(between);
                Insertion::before(log, older.top, lines)
            }
            Beside::Below(position) => {
                let newer = &releases[position];
                lines.splice(0..0, self.label(log, newer));
                let is_tight = between.is_empty();
                lines.splice(0..0, between);
                let last = log.last_text(newer.first..newer.end).unwrap_or(newer.first);
                let below = Insertion::after(log, last, lines);
                if is_tight { below } else { below.set_off(log) }
            }
        })
    }

    /// The heading of this release, and the line that says when it was released.
    pub(super) fn heading(
        &self,
        releases: &[ReleaseSection],
        form: &HeadingForm,
        below: usize,
    ) -> Result<Vec<String>, NotesError> {
        let previous = self.previous(releases);
        let mut lines = form.lines(self.line(&form.title, previous)?);
        if let Some(released) = &form.released {
            lines.extend(blanks(below));
            lines.push(self.line(released, previous)?.trim_end().to_owned());
        }
        Ok(lines)
    }

    /// What stands between two releases of the file: blank lines, or a separator between two.
    fn between(&self, near: &Neighbours<'_>) -> Vec<String> {
        let given = self.rule.separator.as_deref();
        let is_one = |line: &String| !line.is_empty();
        match (near.between(), given) {
            (Some(there), None) => there,
            (Some(mut there), Some(given)) if there.iter().any(is_one) => {
                there.iter_mut().filter(|line| is_one(line)).for_each(|line| given.clone_into(line));
                there
            }
            (None, None) if near.separator().is_none() => blanks(1),
            (_, given) => {
                let separator = given.or_else(|| near.separator()).unwrap_or_default();
                vec![String::new(), separator.to_owned(), String::new()]
            }
        }
    }

    /// The label over the heading of a neighbour, for this release.
    fn label(&self, log: &Changelog<'_>, neighbour: &ReleaseSection) -> Vec<String> {
        let lines = neighbour.top..neighbour.first;
        let texts =
            lines.filter(|index| log.kind(*index) != Some(LineKind::Rule)).map(|index| log.lines[index].text);
        let (old, new) = (forms(neighbour.version.as_str()), forms(self.version.as_str()));
        let of_this = |text: &str| {
            let form = old.iter().position(|form| text.contains(form.as_str())).unwrap_or(0);
            text.replace(&old[form], &new[form])
        };
        let texts: Vec<String> = texts.map(of_this).collect();
        if texts.iter().any(|text| mentions(text, self.version)) { texts } else { Vec::new() }
    }

    /// The first section of a file that has no release yet: below what introduces it and below "Unreleased".
    fn alone(&self, log: &Changelog<'_>, mut lines: Vec<String>) -> Result<Insertion, NotesError> {
        if let Some(line) = log.unexplained() {
            return Err(self.uncertain(format!(
                "it has text, but no heading of the form `{}` nor another one with a version; line {} is `{}`. Write \
                 `heading` in the catalog as the file has it",
                self.rule.heading.as_ref().map_or("", |heading| heading.as_str()),
                line + 1,
                log.lines[line].text.trim()
            )));
        }
        let end = log.unreleased().map_or(log.lines.len(), |(_, end)| end);
        let is_text = |index: &usize| !log.is_blank(*index) && log.kind(*index) != Some(LineKind::LinkTarget);
        Ok(match (0..end).rev().find(is_text) {
            None => Insertion { at: 0, lines, lead: Lead::None },
            Some(last) => {
                lines.insert(0, String::new());
                Insertion::after(log, last, lines).set_off(log)
            }
        })
    }
}

impl Changelog<'_> {
    /// The first line that shows that there is more in a file than its title, an introduction, and "Unreleased".
    fn unexplained(&self) -> Option<usize> {
        /// More lines than this introduce nothing.
        const INTRODUCTION: usize = 12;
        let unreleased = self.unreleased().map_or(0..0, |(first, end)| first..end);
        let outside = (0..self.lines.len()).filter(|index| !unreleased.contains(index));
        let (mut headings, mut others) = (0, 0);
        outside.into_iter().find(|index| match self.lines[*index].kind {
            LineKind::Heading(_) => {
                headings += 1;
                headings > 1
            }
            LineKind::Bullet => true,
            LineKind::Other => {
                others += 1;
                let text = self.lines[*index].text.trim_start_matches(['v', 'V', '[', '(', ' ']);
                others > INTRODUCTION || text.starts_with(|letter: char| letter.is_ascii_digit())
            }
            _ => false,
        })
    }
}

/// Whether a heading is its words alone: `Security`, and not `**Security**`, `Security:` or `.. rubric:: Security`.
fn is_bare(title: &str) -> bool {
    title.starts_with(char::is_alphabetic) && title.ends_with(char::is_alphanumeric)
}

fn upwards(releases: &[ReleaseSection], older: impl Fn(&ReleaseSection) -> bool) -> Beside {
    releases.iter().rposition(older).map_or(Beside::Above(0), Beside::Below)
}

/// Whether a version is told in the file already.
pub(super) fn present<'a>(releases: &'a [ReleaseSection], version: &Version) -> Option<&'a ReleaseSection> {
    releases.iter().find(|release| release.version == *version)
}

/// Whole lines that are put in at one byte.
pub(super) struct Insertion {
    at: usize,
    lines: Vec<String>,
    lead: Lead,
}

/// What has to stand before the inserted lines.
#[derive(PartialEq, Eq)]
enum Lead {
    None,
    /// The line before has no line ending: it gets one, and the last inserted line gets none.
    Newline,
}

impl Insertion {
    pub(super) fn before(log: &Changelog<'_>, index: usize, lines: Vec<String>) -> Insertion {
        let at = index.checked_sub(1).map_or(0, |previous| log.lines[previous].next);
        Insertion { at, lines, lead: Lead::None }
    }

    pub(super) fn after(log: &Changelog<'_>, index: usize, lines: Vec<String>) -> Insertion {
        Insertion { at: log.lines[index].next, lines, lead: Lead::Newline }
    }

    /// The same, with a blank line before what follows.
    pub(super) fn set_off(mut self, log: &Changelog<'_>) -> Insertion {
        let next = log.lines.iter().position(|line| line.next > self.at);
        if next.is_some_and(|next| !log.is_blank(next)) {
            self.lines.push(String::new());
        }
        self
    }

    /// The text with the lines in it, ended as those beside them are.
    pub(super) fn apply(self, text: &str) -> String {
        let (before, after) = text.split_at(self.at);
        let newline = match self.lead {
            Lead::Newline => newline_below(before, after),
            Lead::None => newline_above(before, after),
        };
        let block = self.lines.join(newline);
        if self.lead == Lead::Newline && !before.ends_with('\n') {
            return format!("{before}{newline}{block}{after}");
        }
        format!("{before}{block}{newline}{after}")
    }
}

/// These blank lines.
pub(super) fn blanks(count: usize) -> Vec<String> {
    vec![String::new(); count]
}

/// An entry behind this indentation, if it is the item of a list.
fn indented(block: &[String], indentation: &str) -> Vec<String> {
    let Some(own) = block.first().and_then(|line| bullet(line)) else { return block.to_vec() };
    let moved = |line: &String| match line.strip_prefix(own).unwrap_or(line) {
        "" => String::new(),
        text => format!("{indentation}{text}"),
    };
    block.iter().map(moved).collect()
}
