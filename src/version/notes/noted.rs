//! What is told: a release, and its advisories.

use jiff::civil::Date;

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
}
