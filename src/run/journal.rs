//! The journal: the plan and the events of a run in one SQLite file.
//!
//! Every fact is on disk, synced, when `append` returns; if it cannot be written, nothing may be done. Each carries a seal
//! over itself and all before it, and the seal of the last one is kept beside the file: what was changed or is missing is
//! noticed, at the end as well as in the middle.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use super::event::{Event, StampedEvent};
use super::journal_error::JournalError;
use super::seal::{LastSeal, Seal};
use super::tables;
use crate::ids::Digest;
use crate::plan::Plan;

/// The journal of one run.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    path: PathBuf,
    next: u64,
    /// Of the last event.
    seal: Seal,
}

impl Journal {
    /// A new journal for this plan.
    ///
    /// # Errors
    /// When there is one already or it cannot be written.
    pub fn create(path: &Path, plan: &Plan) -> Result<Journal, JournalError> {
        if Journal::exists(path) {
            return Err(JournalError::Exists(path.to_owned()));
        }
        let journal = Journal::connect(path, OpenFlags::SQLITE_OPEN_CREATE)?;
        let json = plan.to_json().map_err(|source| journal.unusable_plan(source))?;
        journal
            .connection
            .execute("INSERT INTO plan (only, json) VALUES (1, ?1)", params![json])
            .map_err(|source| journal.sqlite(source))?;
        Ok(journal)
    }

    /// Whether a run was started here. A journal that was killed before its plan was written counts as none; one that
    /// cannot be read is there, and nobody may write over it.
    #[must_use]
    pub fn exists(path: &Path) -> bool {
        path.exists()
            && Journal::connect(path, OpenFlags::empty())
                .and_then(|journal| journal.plan_text())
                .map_or(true, |plan| plan.is_some())
    }

    /// Whether it is noted what was written last: else an older state of the journal cannot be told from the newest.
    #[must_use]
    pub fn has_known_end(path: &Path) -> bool {
        LastSeal::read(path).is_some()
    }

    /// The journal of a run that was started, and all facts in order.
    ///
    /// # Errors
    /// When there is none, or it is damaged, has a gap, or is of a form that this version does not know.
    pub fn read(path: &Path) -> Result<(Journal, Vec<StampedEvent>), JournalError> {
        match path.try_exists() {
            Ok(true) => {}
            Ok(false) => return Err(JournalError::Missing(path.to_owned())),
            Err(source) => return Err(JournalError::Folder { path: path.to_owned(), source }),
        }
        // Before the events: whoever drives the run meanwhile writes more of them.
        let last = LastSeal::read(path);
        let mut journal = Journal::connect(path, OpenFlags::empty())?;
        let (events, seals) = journal.sealed_events()?;
        journal.check_plan(events.first())?;
        journal.check_end(last.as_ref(), &seals)?;
        journal.next = events.len() as u64 + 1;
        journal.seal = seals.into_iter().next_back().unwrap_or_default();
        Ok((journal, events))
    }

    /// The plan that the run follows: the one that it was started with, or the last that it was amended to.
    ///
    /// # Errors
    /// When it was made by another version of Lockgate, or is not the one that its event names.
    pub fn plan(&self, events: &[StampedEvent]) -> Result<Plan, JournalError> {
        let amended = events.iter().rev().find_map(|stamped| match &stamped.record {
            Event::Amended { plan, .. } => Some(plan),
            _ => None,
        });
        let text = match amended {
            Some(digest) => self.amended_text(digest)?,
            None => self.plan_text()?.ok_or_else(|| JournalError::Missing(self.path.clone()))?,
        };
        serde_json::from_str(&text).map_err(|source| self.unusable_plan(source))
    }

    fn amended_text(&self, digest: &Digest) -> Result<String, JournalError> {
        let query = "SELECT json FROM amended_plan WHERE digest = ?1";
        let text: Option<String> = self
            .connection
            .query_row(query, params![digest.as_str()], |row| row.get(0))
            .optional()
            .map_err(|source| self.sqlite(source))?;
        let found = Digest::of(text.as_deref().unwrap_or_default());
        match text {
            Some(text) if found == *digest => Ok(text),
            _ => Err(JournalError::OtherPlan { path: self.path.clone(), found, started: digest.clone() }),
        }
    }

    fn plan_text(&self) -> Result<Option<String>, JournalError> {
        self.connection
            .query_row("SELECT json FROM plan", [], |row| row.get(0))
            .optional()
            .map_err(|source| self.sqlite(source))
    }

    /// The plan's text is compared, not the plan: one of an older version has the digest that it had then.
    fn check_plan(&self, first: Option<&StampedEvent>) -> Result<(), JournalError> {
        let (Some(text), Some(StampedEvent { record: Event::Started { plan: started, .. }, .. })) =
            (self.plan_text()?, first)
        else {
            return Ok(());
        };
        let found = Digest::of(text);
        if found == *started {
            return Ok(());
        }
        Err(JournalError::OtherPlan { path: self.path.clone(), found, started: started.clone() })
    }

    /// What was written last may be in a file beside this one that a copy lacks, or in a newer state than a backup has.
    fn check_end(&self, last: Option<&LastSeal>, seals: &[Seal]) -> Result<(), JournalError> {
        let Some(last) = last else { return Ok(()) };
        let found = seals.len() as u64;
        match usize::try_from(last.number).ok().and_then(|number| seals.get(number.checked_sub(1)?)) {
            Some(seal) if *seal == last.seal => Ok(()),
            Some(_) => Err(self.damaged_event(last.number, "it is not the one that was written here last")),
            None => Err(JournalError::EndMissing {
                path: self.path.clone(),
                found,
                written: last.number,
                note: LastSeal::place(&self.path),
            }),
        }
    }

    /// The journal alone.
    #[cfg(test)]
    pub(super) fn open(path: &Path) -> Result<Journal, JournalError> {
        Journal::read(path).map(|(journal, _)| journal)
    }

    /// All facts in order, as they are on disk now.
    #[cfg(test)]
    pub(super) fn events(&self) -> Result<Vec<StampedEvent>, JournalError> {
        self.sealed_events().map(|(events, _)| events)
    }

    fn sealed_events(&self) -> Result<(Vec<StampedEvent>, Vec<Seal>), JournalError> {
        let (mut events, mut seals) = (Vec::new(), vec![Seal::default()]);
        let mut is_sealed = false;
        for row in self.rows()? {
            let expected = events.len() as u64 + 1;
            if row.number != expected {
                return Err(JournalError::Gap { path: self.path.clone(), number: expected });
            }
            let before = seals.last().cloned().unwrap_or_default();
            let seal = before.over(row.number, &row.at, &row.json);
            let fits = row.seal.as_ref().map_or(!is_sealed, |written| *written == seal.0);
            // Words of another version are told as such, also where they were edited in.
            events.push(self.parse(row.number, &row.at, &row.json)?);
            if !fits {
                return Err(
                    self.damaged_event(row.number, "it or one before it was changed after it was written")
                );
            }
            is_sealed |= row.seal.is_some();
            seals.push(seal);
        }
        seals.remove(0);
        Ok((events, seals))
    }

    fn rows(&self) -> Result<Vec<EventRow>, JournalError> {
        let mut statement = self
            .connection
            .prepare("SELECT number, at, json, seal FROM event ORDER BY number")
            .map_err(|source| self.sqlite(source))?;
        let row = |row: &rusqlite::Row<'_>| {
            let number = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
            Ok(EventRow { number, at: row.get(1)?, json: row.get(2)?, seal: row.get(3)? })
        };
        let rows = statement.query_map([], row).map_err(|source| self.sqlite(source))?;
        rows.collect::<Result<_, _>>().map_err(|source| self.sqlite(source))
    }

    /// Writes a fact; it is on disk when this returns.
    ///
    /// # Errors
    /// When it could not be written: nothing may be done then.
    pub fn append(&mut self, at: Timestamp, event: Event) -> Result<StampedEvent, JournalError> {
        let stamped = StampedEvent { number: self.next, at, record: event };
        let number = stamped.number;
        let json = serde_json::to_string(&stamped.record)
            .map_err(|cause| self.damaged_event(number, &cause.to_string()))?;
        let at = at.to_string();
        let seal = self.seal.over(number, &at, &json);
        self.connection
            .execute(
                "INSERT INTO event (number, at, json, seal) VALUES (?1, ?2, ?3, ?4)",
                params![i64::try_from(number).unwrap_or(i64::MAX), at, json, seal.0],
            )
            .map_err(|source| self.sqlite(source))?;
        self.next += 1;
        self.seal = seal.clone();
        LastSeal { number, seal }.write(&self.path);
        Ok(stamped)
    }

    /// Writes a plan that an event names; it is on disk when this returns. Without the event it has no meaning.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn keep_plan(&mut self, plan: &Plan) -> Result<Digest, JournalError> {
        let json = plan.to_json().map_err(|source| self.unusable_plan(source))?;
        let digest = Digest::of(&json);
        self.connection
            .execute(
                "INSERT OR REPLACE INTO amended_plan (digest, json) VALUES (?1, ?2)",
                params![digest.as_str(), json],
            )
            .map_err(|source| self.sqlite(source))?;
        Ok(digest)
    }

    fn parse(&self, number: u64, at: &str, json: &str) -> Result<StampedEvent, JournalError> {
        let at = at.parse().map_err(|cause: jiff::Error| self.damaged_event(number, &cause.to_string()))?;
        match serde_json::from_str(json) {
            Ok(record) => Ok(StampedEvent { number, at, record }),
            // Whole JSON that is none of our facts was written by somebody who knows more.
            Err(source) if source.is_data() => Err(JournalError::UnknownForm {
                path: self.path.clone(),
                number,
                started_by: self.started_by(),
                source,
            }),
            Err(cause) => Err(self.damaged_event(number, &cause.to_string())),
        }
    }

    /// The version of Lockgate that started the run, read without knowing the form of events.
    fn started_by(&self) -> Option<String> {
        let query = "SELECT json FROM event WHERE number = 1";
        let text: String = self.connection.query_row(query, [], |row| row.get(0)).ok()?;
        let event: serde_json::Value = serde_json::from_str(&text).ok()?;
        event.get("version")?.as_str().map(ToOwned::to_owned)
    }

    fn connect(path: &Path, more: OpenFlags) -> Result<Journal, JournalError> {
        let connection = tables::open(path, more)?;
        Ok(Journal { connection, path: path.to_owned(), next: 1, seal: Seal::default() })
    }

    /// As if the disk had no room for another page.
    #[cfg(test)]
    pub(super) fn fill_up(&mut self) {
        let pages: i64 = self.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        self.connection.pragma_update(None, "max_page_count", pages).unwrap();
    }

    fn unusable_plan(&self, source: serde_json::Error) -> JournalError {
        JournalError::Plan { path: self.path.clone(), started_by: self.started_by(), source }
    }

    fn damaged_event(&self, number: u64, reason: &str) -> JournalError {
        JournalError::DamagedEvent { path: self.path.clone(), number, reason: reason.to_owned() }
    }

    fn sqlite(&self, source: rusqlite::Error) -> JournalError {
        JournalError::of_sqlite(&self.path, source)
    }
}

/// Whoever copies the file of a run that has ended has all of it.
impl Drop for Journal {
    fn drop(&mut self) {
        let emptied = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = emptied {
            // Nothing is lost: the next command that opens the journal does it.
            tracing::debug!(%error, "the journal's log was not written back");
        }
    }
}

/// An event as it is in the file.
struct EventRow {
    number: u64,
    at: String,
    json: String,
    seal: Option<String>,
}
