//! What the commits of a fix put into the notes, as data.

use crate::numbering::Version;

/// What a part of a changelog tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Under {
    /// Nothing that it says: it is above the first heading of a release.
    Top,
    /// What no release has yet.
    Waiting,
    /// A release.
    Release(Version),
}

/// What the commits of a fix put into the notes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnWords {
    pub(super) entries: Vec<OwnEntry>,
    /// Fragments: files that are each an entry.
    pub(super) files: Vec<String>,
}

/// One entry of a fix's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnEntry {
    pub(super) under: Under,
    pub(super) title: Option<String>,
    pub(super) lines: Vec<String>,
    /// Whether its commit brought the heading of the section.
    pub(super) brings_heading: bool,
    /// Whether its commit brought the heading of entries that it stands under.
    pub(super) brings_title: bool,
}

impl OwnWords {
    /// The same with what a later commit of the fix says.
    #[must_use]
    pub fn and(mut self, later: OwnWords) -> OwnWords {
        self.entries.extend(later.entries);
        self.files.extend(later.files);
        self
    }

    /// The first line of what is said, for people; `None` where nothing is, or where a file says it.
    #[must_use]
    pub fn first_line(&self) -> Option<&str> {
        Some(self.entries.first()?.lines.first()?.trim())
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().flat_map(|entry| &entry.lines).map(String::as_str)
    }
}

/// Whether two entries say the same, however they are indented.
pub(super) fn is_same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.trim() == other.trim())
}
