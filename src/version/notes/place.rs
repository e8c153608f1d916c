//! Where entries go in the text of a changelog, and in which style.

use std::ops::Range;

use super::rule::NotesRule;
use super::text::{Changelog, ReleaseSection, Spacing};
use crate::numbering::Version;

impl NotesRule {
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
        let by_entry =
            if String::from(self.entry.clone()).contains('\n') { Spacing::Loose } else { Spacing::Tight };
        log.spacing().unwrap_or(by_entry)
    }

    /// Adds to the section of a release that is there.
    pub(super) fn extend(&self, log: &Changelog<'_>, release: &ReleaseSection, list: &[String]) -> Insertion {
        let body = release.first + 1..release.end;
        let wanted = self.section.as_deref().map(str::trim);
        let Some(wanted) = wanted else {
            let end = body.clone().find(|index| log.level(*index).is_some()).unwrap_or(body.end);
            return self.append(log, release.first, release.first + 1..end, list);
        };
        if let Some(head) = body.clone().find(|index| log.lines[*index].text.trim() == wanted) {
            let level = log.level(head).unwrap_or(6);
            let next = |index: &usize| log.level(*index).is_some_and(|other| other <= level);
            let end = (head + 1..body.end).find(next).unwrap_or(body.end);
            return self.append(log, head, head + 1..end, list);
        }
        let after = log.last_text(body).unwrap_or(release.first);
        let mut lines = vec![String::new(), wanted.to_owned(), String::new()];
        lines.extend_from_slice(list);
        Insertion::after(log, after, lines)
    }

    /// Adds to the list that ends inside `range`; the list may be empty.
    fn append(&self, log: &Changelog<'_>, head: usize, range: Range<usize>, list: &[String]) -> Insertion {
        let last = log.last_text(range);
        let mut lines = Vec::new();
        if last.is_none() || self.spacing(log) == Spacing::Loose {
            lines.push(String::new());
        }
        lines.extend_from_slice(list);
        Insertion::after(log, last.unwrap_or(head), lines)
    }

    /// A new section, above the first release that is older.
    pub(super) fn fresh(
        &self,
        log: &Changelog<'_>,
        releases: &[ReleaseSection],
        version: &Version,
        head: &[String],
        list: &[String],
    ) -> Insertion {
        let separator = self.separator.as_deref().or_else(|| log.separator(releases));
        let separator: Vec<String> =
            separator.into_iter().flat_map(|line| [line.to_owned(), String::new()]).collect();
        // Some files put the text directly under a heading.
        let gap = releases.first().is_none_or(|release| log.is_blank(release.first + 1));
        let mut lines = Vec::new();
        for line in head.iter().chain(&self.section) {
            lines.push(line.trim_end().to_owned());
            if gap {
                lines.push(String::new());
            }
        }
        lines.extend_from_slice(list);
        if let Some(older) = releases.iter().find(|release| release.version < *version) {
            lines.push(String::new());
            lines.extend(separator);
            return Insertion::before(log, older.first, lines);
        }
        let end = releases.last().map_or(log.lines.len(), |release| release.end);
        match log.last_text(0..end) {
            None => Insertion { at: 0, lines, lead: Lead::None },
            Some(last) => {
                let between = if releases.is_empty() { Vec::new() } else { separator };
                lines.splice(0..0, std::iter::once(String::new()).chain(between));
                Insertion::after(log, last, lines)
            }
        }
    }
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
    fn before(log: &Changelog<'_>, index: usize, lines: Vec<String>) -> Insertion {
        let at = index.checked_sub(1).map_or(0, |previous| log.lines[previous].next);
        Insertion { at, lines, lead: Lead::None }
    }

    fn after(log: &Changelog<'_>, index: usize, mut lines: Vec<String>) -> Insertion {
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
