//! What stands in the placeholders of a rule.

use jiff::civil::Date;

use super::error::NotesError;
use super::noted::{NoteEntry, NotedRelease, Whose};
use super::rule::NotesRule;
use super::section::ReleaseSection;
use crate::ids::CveId;
use crate::numbering::Version;
use crate::version::template::VersionTemplate;

/// A release as its notes tell it.
#[derive(Debug, Clone)]
pub(super) struct Telling<'a> {
    pub(super) rule: &'a NotesRule,
    pub(super) file: String,
    pub(super) version: &'a Version,
    /// The release before, as tags say.
    pub(super) previous: Option<&'a Version>,
    pub(super) date: Option<Date>,
    pub(super) entries: &'a [NoteEntry],
    pub(super) whose: Whose,
}

impl<'a> Telling<'a> {
    /// A release by a rule; in the file that the rule names, whatever placeholders that has.
    pub(super) fn of(rule: &'a NotesRule, release: &NotedRelease<'a>) -> Telling<'a> {
        let NotedRelease { version, previous, date, entries, whose } = *release;
        Telling { rule, file: rule.file.as_str().to_owned(), version, previous, date, entries, whose }
    }

    /// Only a version, in this file.
    pub(super) fn bare(rule: &'a NotesRule, file: &str, version: &'a Version) -> Telling<'a> {
        let telling = Telling::of(rule, &NotedRelease::of(version, None, &[]));
        Telling { file: file.to_owned(), ..telling }
    }

    /// The release before: by the tags, else by what this file tells of.
    pub(super) fn previous<'b>(&'b self, releases: &'b [ReleaseSection]) -> Option<&'b Version> {
        self.previous.or_else(|| self.before(releases))
    }

    /// The release before among those that this file tells of.
    pub(super) fn before<'b>(&self, releases: &'b [ReleaseSection]) -> Option<&'b Version> {
        releases.iter().map(|release| &release.version).filter(|version| *version < self.version).max()
    }
}

impl Telling<'_> {
    /// A line about the release. `previous` is the release before, where that is known.
    pub(super) fn line(
        &self,
        template: &VersionTemplate,
        previous: Option<&Version>,
    ) -> Result<String, NotesError> {
        let date = self.date.map(|date| self.written(date)).transpose()?;
        for (placeholder, lacks) in [("date", date.is_none()), ("previous", previous.is_none())] {
            if lacks && template.mentions(placeholder) {
                return Err(self.no_value(placeholder, format!("release {}", self.version)));
            }
        }
        let numbers: Vec<&str> = self.version.numbers().collect();
        Ok(template.fill(|name| match name {
            "version" => Some(self.version.as_str()),
            "previous" => previous.map(Version::as_str),
            "date" => date.as_deref(),
            "major" => numbers.first().copied(),
            "minor" => numbers.get(1).copied(),
            "patch" => numbers.get(2).copied(),
            _ => None,
        }))
    }

    fn written(&self, date: Date) -> Result<String, NotesError> {
        let Some(format) = &self.rule.date_format else { return Ok(date.to_string()) };
        jiff::fmt::strtime::format(format, date)
            .map_err(|error| NotesError::DateFormat { file: self.file.clone(), message: error.to_string() })
    }

    /// What the rule says of one advisory, as lines.
    pub(super) fn entry(&self, entry: &NoteEntry) -> Result<Vec<String>, NotesError> {
        let filled = self.about(&self.rule.entry, entry)?;
        Ok(filled.trim_end().lines().map(str::to_owned).collect())
    }

    /// A template about one advisory.
    pub(super) fn about(&self, template: &VersionTemplate, entry: &NoteEntry) -> Result<String, NotesError> {
        let cve = entry.cve.as_ref().map(CveId::as_str);
        for (placeholder, value) in [("cve", cve), ("severity", entry.severity.as_deref())] {
            if template.mentions(placeholder) && value.is_none() {
                return Err(self.no_value(placeholder, entry.ghsa.to_string()));
            }
        }
        // A heading or a fence inside a summary would change the structure of the file.
        let mut summary = entry.summary.split_whitespace().collect::<Vec<_>>().join(" ");
        if template.as_str().contains("{summary}.") {
            summary.truncate(summary.trim_end_matches('.').len());
        }
        Ok(template.fill(|name| match name {
            "summary" => Some(&summary),
            "ghsa" => Some(entry.ghsa.as_str()),
            "cve" => cve,
            "url" => Some(&entry.url),
            "severity" => entry.severity.as_deref(),
            "version" => Some(self.version.as_str()),
            _ => None,
        }))
    }

    fn no_value(&self, placeholder: &'static str, subject: String) -> NotesError {
        NotesError::NoValue { file: self.file.clone(), placeholder, subject }
    }

    pub(super) fn uncertain(&self, why: String) -> NotesError {
        NotesError::Place { file: self.file.clone(), version: self.version.to_string(), why }
    }

    /// Whether these lines have the entry: word for word, in words with an id of its advisory, or in those of its fix.
    pub(super) fn is_there(&self, lines: &[&str], block: &[String], entry: &NoteEntry) -> bool {
        let says_itself = || entry.own.entries.iter().any(|own| holds(lines, &own.lines));
        lines.iter().any(|line| entry.is_named_in(line)) || holds(lines, block) || says_itself()
    }
}

/// Whether an entry is among these lines, however it is indented.
pub(super) fn holds(lines: &[&str], block: &[String]) -> bool {
    let is_block = |lines: &[&str]| lines.iter().zip(block).all(|(one, other)| one.trim() == other.trim());
    lines.windows(block.len().max(1)).any(is_block)
}
