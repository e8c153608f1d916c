//! The journal: the plan and the events of a run in one SQLite file.
//!
//! Every fact is on disk, synced, when `append` returns; if it cannot be written, nothing may be done.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, params};
use rusqlite_migration::{M, Migrations};

use super::event::{Event, StampedEvent};
use crate::plan::Plan;

/// The journal of one run.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    path: PathBuf,
    next: u64,
}

/// Why the journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is no run here.
    #[error("there is no run at `{0}`")]
    Missing(PathBuf),
    /// There is one already.
    #[error("a run was started already at `{0}`")]
    Exists(PathBuf),
    /// SQLite refused.
    #[error("failed to use the journal `{path}`: {source}; nothing was done that is not in it")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// It was written by a newer version.
    #[error("the journal `{path}` was written by a newer version of lockgate: {reason}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// What cannot be read.
        reason: String,
    },
    /// A line of it cannot be read.
    #[error("event {number} of the journal `{path}` cannot be read: {source}")]
    Event {
        /// The file.
        path: PathBuf,
        /// Which event.
        number: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// The plan in it cannot be read.
    #[error("the plan in the journal `{path}` cannot be used by this version of lockgate: {source}")]
    Plan {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Events are missing in the middle.
    #[error("the journal `{path}` lacks event {number}; it was cut or edited, so nothing is guessed from it")]
    Gap {
        /// The file.
        path: PathBuf,
        /// The first that is missing.
        number: u64,
    },
}

const MIGRATIONS: &[M<'static>] = &[M::up(
    "CREATE TABLE plan (only INTEGER PRIMARY KEY CHECK (only = 1), json TEXT NOT NULL) STRICT;
     CREATE TABLE event (number INTEGER PRIMARY KEY, at TEXT NOT NULL, json TEXT NOT NULL) STRICT;",
)];

impl Journal {
    /// A new journal for this plan.
    ///
    /// # Errors
    /// When there is one already or it cannot be written.
    pub fn create(path: &Path, plan: &Plan) -> Result<Journal, JournalError> {
        if Journal::exists(path) {
            return Err(JournalError::Exists(path.to_owned()));
        }
        let mut journal = Journal::connect(path, OpenFlags::SQLITE_OPEN_CREATE)?;
        let json = plan.to_json().map_err(|source| JournalError::Plan { path: path.to_owned(), source })?;
        journal.plan_row(&json)?;
        journal.next = 1;
        Ok(journal)
    }

    /// Whether a run was started here. A journal that was killed before its plan was written counts as none.
    #[must_use]
    pub fn exists(path: &Path) -> bool {
        path.exists() && Journal::connect(path, OpenFlags::empty()).and_then(|journal| journal.plan()).is_ok()
    }

    /// The journal of a run that was started.
    ///
    /// # Errors
    /// When there is none, or it is of a newer version, or has a gap.
    pub fn open(path: &Path) -> Result<Journal, JournalError> {
        if !path.exists() {
            return Err(JournalError::Missing(path.to_owned()));
        }
        let mut journal = Journal::connect(path, OpenFlags::empty())?;
        let count = journal.events()?.len();
        journal.next = count as u64 + 1;
        Ok(journal)
    }

    /// The plan of the run.
    ///
    /// # Errors
    /// When it was made by another version of Lockgate.
    pub fn plan(&self) -> Result<Plan, JournalError> {
        let json: String = self
            .connection
            .query_row("SELECT json FROM plan", [], |row| row.get(0))
            .map_err(|source| self.sqlite(source))?;
        serde_json::from_str(&json).map_err(|source| JournalError::Plan { path: self.path.clone(), source })
    }

    /// All facts in order.
    ///
    /// # Errors
    /// When one cannot be read or is missing.
    pub fn events(&self) -> Result<Vec<StampedEvent>, JournalError> {
        let mut statement = self
            .connection
            .prepare("SELECT number, at, json FROM event ORDER BY number")
            .map_err(|source| self.sqlite(source))?;
        let rows = statement
            .query_map([], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })
            .map_err(|source| self.sqlite(source))?;
        let mut events = Vec::new();
        for row in rows {
            let (number, at, json) = row.map_err(|source| self.sqlite(source))?;
            let expected = events.len() as u64 + 1;
            let number = u64::try_from(number).unwrap_or(0);
            if number != expected {
                return Err(JournalError::Gap { path: self.path.clone(), number: expected });
            }
            events.push(self.read(number, &at, &json)?);
        }
        Ok(events)
    }

    /// Writes a fact; it is on disk when this returns.
    ///
    /// # Errors
    /// When it could not be written: nothing may be done then.
    pub fn append(&mut self, at: Timestamp, record: Event) -> Result<StampedEvent, JournalError> {
        let stamped = StampedEvent { number: self.next, at, record };
        let json = serde_json::to_string(&stamped.record).map_err(|source| JournalError::Event {
            path: self.path.clone(),
            number: stamped.number,
            source,
        })?;
        self.connection
            .execute(
                "INSERT INTO event (number, at, json) VALUES (?1, ?2, ?3)",
                params![i64::try_from(stamped.number).unwrap_or(i64::MAX), at.to_string(), json],
            )
            .map_err(|source| self.sqlite(source))?;
        self.next += 1;
        Ok(stamped)
    }

    fn read(&self, number: u64, at: &str, json: &str) -> Result<StampedEvent, JournalError> {
        let record = serde_json::from_str(json).map_err(|source| JournalError::Event {
            path: self.path.clone(),
            number,
            source,
        })?;
        let at = at.parse().map_err(|cause: jiff::Error| JournalError::Newer {
            path: self.path.clone(),
            reason: cause.to_string(),
        })?;
        Ok(StampedEvent { number, at, record })
    }

    fn connect(path: &Path, more: OpenFlags) -> Result<Journal, JournalError> {
        let sqlite = |source| JournalError::Sqlite { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let mut connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(sqlite)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(sqlite)?;
        Migrations::from_slice(MIGRATIONS)
            .to_latest(&mut connection)
            .map_err(|cause| JournalError::Newer { path: path.to_owned(), reason: cause.to_string() })?;
        Ok(Journal { connection, path: path.to_owned(), next: 1 })
    }

    fn plan_row(&self, json: &str) -> Result<(), JournalError> {
        self.connection
            .execute("INSERT INTO plan (only, json) VALUES (1, ?1)", params![json])
            .map(|_| ())
            .map_err(|source| self.sqlite(source))
    }

    fn sqlite(&self, source: rusqlite::Error) -> JournalError {
        JournalError::Sqlite { path: self.path.clone(), source }
    }
}
