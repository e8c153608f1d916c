//! Seals of events: each is a digest over an event and the seal before it.

use std::path::{Path, PathBuf};

use crate::ids::Digest;

/// A digest over an event and everything before it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Seal(pub(super) String);

impl Seal {
    /// The seal of the event that follows the one with this seal.
    pub(super) fn over(&self, number: u64, at: &str, json: &str) -> Seal {
        Seal(Digest::of(format!("{}\n{number}\n{at}\n{json}", self.0)).as_str().to_owned())
    }
}

/// The last event that was written, noted beside the journal: a journal that ends earlier has lost something. It is
/// written after the event is on disk, and may be behind it, never before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LastSeal {
    pub(super) number: u64,
    pub(super) seal: Seal,
}

impl LastSeal {
    /// Where the note of a journal is.
    pub(super) fn place(journal: &Path) -> PathBuf {
        journal.with_extension("last")
    }

    /// The note, if there is one that can be read: a power cut may leave half of one, which says nothing.
    pub(super) fn read(journal: &Path) -> Option<LastSeal> {
        let text = std::fs::read_to_string(LastSeal::place(journal)).ok()?;
        let (number, seal) = text.trim_end().split_once(' ')?;
        let seal: Digest = seal.parse().ok()?;
        Some(LastSeal { number: number.parse().ok()?, seal: Seal(seal.as_str().to_owned()) })
    }

    /// Writes it, whole or not at all. The event is on disk already: without the note only less would be noticed.
    pub(super) fn write(&self, journal: &Path) {
        let (place, half) = (LastSeal::place(journal), journal.with_extension("last-part"));
        let written = std::fs::write(&half, format!("{} {}\n", self.number, self.seal.0))
            .and_then(|()| std::fs::rename(&half, &place));
        if let Err(error) = written {
            tracing::debug!(%error, "the journal's last seal was not noted");
        }
    }
}
