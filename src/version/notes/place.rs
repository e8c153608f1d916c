//! Where a section or an entry goes in the text of a changelog.

use std::ops::Range;

use super::error::NotesError;
use super::heading::HeadingForm;
use super::line::LineKind;
use super::rule::NotesOrder;
use super::section::{ReleaseSection, forms, mentions};
use super::text::{Changelog, Spacing};
use super::values::Telling;
use crate::numbering::Version;

/// Beside which section a fresh one goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Above(usize),
    Below(usize),
}

impl Telling<'_> {
    /// Beside which of the releases in the file this one goes; at least one is there.
    pub(super) fn beside(&self, releases: &[ReleaseSection]) -> Result<Beside, NotesError> {
        let older = |release: &ReleaseSection| release.version < *self.version;
        let last = releases.len().saturating_sub(1);
        let by_version = releases.iter().position(older).map_or(Beside::Below(last), Beside::Above);
        let pairs = || releases.windows(2).map(|pair| pair[0].version.cmp(&pair[1].version));
        let grows = releases.len() > 1 && pairs().all(std::cmp::Ordering::is_lt);
        match self.rule.order {
            Some(NotesOrder::ByDate) => Ok(Beside::Above(0)),
            Some(NotesOrder::OldestFirst) => Ok(upwards(releases, older)),
            None if grows => Ok(upwards(releases, older)),
            Some(NotesOrder::NewestFirst) => Ok(by_version),
            None if by_version == Beside::Above(0) || pairs().all(std::cmp::Ordering::is_ge) => Ok(by_version),
            None => Err(self.uncertain(
                "its releases stand in no order of their versions, so it may belong at the top or beside its own line; \
                 `order` in the notes of the catalog says which: \"by-date\" or \"newest-first\""
                    .to_owned(),
            )),
        }
    }

    /// The entries as lines, with blank lines between them if this file does so.
    pub(super) fn list(&self, log: &Changelog<'_>, blocks: &[Vec<String>]) -> Vec<String> {
        let blank = matches!(self.spacing(log), Spacing::Loose).then(String::new);
        let mut list = Vec::new();
        for block in blocks {
            if !list.is_empty() {
                list.extend(blank.clone());
            }
            list.extend_from_slice(block);
        }
        list
    }

    fn spacing(&self, log: &Changelog<'_>) -> Spacing {
        let by_entry = if self.rule.entry.as_str().contains('\n') { Spacing::Loose } else { Spacing::Tight };
        log.spacing().unwrap_or(by_entry)
    }

    /// Adds to the section of a release that is there.
    pub(super) fn extend(&self, log: &Changelog<'_>, release: &ReleaseSection, list: &[String]) -> Insertion {
        let body = release.body..release.end;
        let Some(wanted) = self.section(log) else {
            let end = body.clone().find(|index| log.level(*index).is_some()).unwrap_or(body.end);
            let end = if log.kind(end) == Some(LineKind::Heading(1)) { body.end } else { end };
            return self.append(log, release.body.saturating_sub(1), release.body..end, list);
        };
        let title = wanted.iter().max_by_key(|line| line.chars().any(char::is_alphanumeric));
        let is_wanted =
            |index: &usize| title.is_some_and(|title| log.lines[*index].text.trim() == title.trim());
        if let Some(head) = body.clone().find(is_wanted) {
            let level = log.level(head).unwrap_or(6);
            let next = |index: &usize| log.level(*index).is_some_and(|other| other <= level);
            let first = if log.underline(head).is_some() { head + 2 } else { head + 1 };
            let end = (first..body.end).find(next).unwrap_or(body.end);
            return self.append(log, first - 1, first..end, list);
        }
        let after = log.last_text(body).unwrap_or(release.body.saturating_sub(1));
        let mut lines = vec![String::new()];
        lines.extend(wanted);
        lines.push(String::new());
        lines.extend_from_slice(list);
        Insertion::after(log, after, lines)
    }

    /// Adds to the list that ends inside `range`; the list may be empty.
    fn append(&self, log: &Changelog<'_>, head: usize, range: Range<usize>, list: &[String]) -> Insertion {
        let has_list = range.clone().any(|index| log.kind(index) == Some(LineKind::Bullet));
        let is_list =
            list.first().is_some_and(|line| ["* ", "- ", "+ "].iter().any(|mark| line.starts_with(mark)));
        let last = log.last_text(range);
        let mut lines = Vec::new();
        if last.is_none() || self.spacing(log) == Spacing::Loose || (is_list && !has_list) {
            lines.push(String::new());
        }
        lines.extend_from_slice(list);
        Insertion::after(log, last.unwrap_or(head), lines)
    }

    /// The heading under which entries go, with the line under it that the file has.
    fn section(&self, log: &Changelog<'_>) -> Option<Vec<String>> {
        let given: Vec<&str> = self.rule.section.as_deref()?.trim().lines().collect();
        let title = (*given.first()?).trim().to_owned();
        let there = (0..log.lines.len()).find(|index| log.lines[*index].text.trim() == title);
        let mark = there
            .and_then(|index| log.underline(index))
            .map(|(mark, _)| mark)
            .or_else(|| super::markup::run_of(given.get(1)?));
        let under = mark.map(|mark| mark.to_string().repeat(title.chars().count()));
        Some(std::iter::once(title).chain(under).collect())
    }

    /// A new section.
    pub(super) fn fresh(
        &self,
        log: &Changelog<'_>,
        releases: &[ReleaseSection],
        form: &HeadingForm,
        list: &[String],
    ) -> Result<Insertion, NotesError> {
        let older = releases.iter().filter(|release| release.version < *self.version);
        let previous = older.max_by(|one, other| one.version.cmp(&other.version)).map(|one| &one.version);
        let gap = releases.first().is_none_or(|release| log.is_blank(release.body));
        let mut lines = form.lines(self.line(&form.title, previous)?);
        let blank = || gap.then(String::new);
        lines.extend(blank());
        if let Some(released) = &form.released {
            lines.push(self.line(released, previous)?.trim_end().to_owned());
            lines.extend(blank());
        }
        if let Some(section) = self.section(log) {
            lines.extend(section);
            lines.extend(blank());
        }
        lines.extend_from_slice(list);
        if releases.is_empty() {
            return self.alone(log, lines);
        }
        let between = self.between(log, releases);
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
                lines.splice(0..0, between);
                let last = log.last_text(newer.first..newer.end).unwrap_or(newer.first);
                Insertion::after(log, last, lines)
            }
        })
    }

    /// What stands between two releases of the file: blank lines, or a separator between two.
    fn between(&self, log: &Changelog<'_>, releases: &[ReleaseSection]) -> Vec<String> {
        let separator = self.rule.separator.as_deref().or_else(|| log.separator(releases));
        if let Some(separator) = separator {
            return vec![String::new(), separator.to_owned(), String::new()];
        }
        let above =
            |release: &ReleaseSection| (0..release.top).rev().take_while(|line| log.is_blank(*line)).count();
        vec![String::new(); releases.get(1).map_or(1, above).max(1)]
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
                Insertion::after(log, last, lines)
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

    pub(super) fn after(log: &Changelog<'_>, index: usize, mut lines: Vec<String>) -> Insertion {
        if !log.is_blank(index + 1) {
            lines.push(String::new());
        }
        Insertion { at: log.lines[index].next, lines, lead: Lead::Newline }
    }

    pub(super) fn apply(self, text: &str, newline: &str) -> String {
        let (before, after) = text.split_at(self.at);
        let block = self.lines.join(newline);
        if self.lead == Lead::Newline && !before.ends_with('\n') {
            return format!("{before}{newline}{block}{after}");
        }
        format!("{before}{block}{newline}{after}")
    }
}

impl Insertion {
    /// The same, where what follows after line `next` is set off by a blank line already.
    pub(super) fn without_gap(mut self, log: &Changelog<'_>, next: usize) -> Insertion {
        if log.is_blank(next) && self.lines.last().is_some_and(String::is_empty) {
            self.lines.pop();
        }
        self
    }
}
