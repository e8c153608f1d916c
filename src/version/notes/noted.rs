//! What is told: a release, and its advisories.

use jiff::civil::Date;

use super::said::OwnWords;
use crate::ids::{CveId, GhsaId};
use crate::numbering::Version;

/// A release that notes tell of.
#[derive(Debug, Clone, Copy)]
pub struct NotedRelease<'a> {
    pub(super) version: &'a Version,
    pub(super) previous: Option<&'a Version>,
    pub(super) date: Option<Date>,
    pub(super) entries: &'a [NoteEntry],
    pub(super) whose: Whose,
}

/// Whose release it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// That of the branch on which it is told.
    Own,
    /// Another line's: nothing that waits on this branch is released by it.
    OtherLine,
}

impl<'a> NotedRelease<'a> {
    /// The release of the branch on which it is told; without a date, it is not released yet.
    #[must_use]
    pub fn of(version: &'a Version, date: Option<Date>, entries: &'a [NoteEntry]) -> NotedRelease<'a> {
        NotedRelease { version, previous: None, date, entries, whose: Whose::Own }
    }

    /// The same, after this release.
    #[must_use]
    pub fn after(self, previous: Option<&'a Version>) -> NotedRelease<'a> {
        NotedRelease { previous, ..self }
    }

    /// The same, where another line's release is told.
    #[must_use]
    pub fn of_another_line(self) -> NotedRelease<'a> {
        NotedRelease { whose: Whose::OtherLine, ..self }
    }
}

/// What is said about one advisory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteEntry {
    /// One sentence; line breaks become spaces.
    pub summary: String,
    /// The advisory.
    pub ghsa: GhsaId,
    /// Its CVE id, if there is one.
    pub cve: Option<CveId>,
    /// Where the advisory will be found.
    pub url: String,
    /// Its severity in a word, if it is said.
    pub severity: Option<String>,
    /// What its fix says itself.
    pub own: OwnWords,
}

impl NoteEntry {
    /// The first line of what its fix says itself, where that names neither the advisory nor its CVE.
    #[must_use]
    pub fn unnamed(&self) -> Option<&str> {
        let is_named = self.own.lines().any(|line| self.is_named_in(line));
        self.own.first_line().filter(|_| !is_named)
    }

    /// Whether a line names the advisory by its GHSA or CVE id; in roles of reStructuredText these stand without the letters
    /// before them (``:ghsa:`cpwx-vrp4-4pq7` ``, ``:cve:`2026-25990` ``).
    pub(super) fn is_named_in(&self, line: &str) -> bool {
        let line = line.to_ascii_lowercase();
        let cve = self.cve.as_ref().map(|cve| cve.as_str().to_ascii_lowercase());
        let ghsa = self.ghsa.as_str().to_ascii_lowercase();
        holds_id(&line, ghsa.trim_start_matches("ghsa-"))
            || cve.is_some_and(|cve| holds_id(&line, cve.trim_start_matches("cve-")))
    }
}

/// Whether this id is in the text, and no longer one that begins or ends with it.
fn holds_id(text: &str, id: &str) -> bool {
    text.match_indices(id).any(|(at, _)| {
        let around = [text[..at].chars().next_back(), text[at + id.len()..].chars().next()];
        !around.into_iter().flatten().any(|letter| letter.is_ascii_alphanumeric())
    })
}
