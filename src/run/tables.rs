//! The tables of the journal: what each form of it added, and how a file of an earlier form becomes one of this.

use std::fs::File;
use std::path::Path;

use nix::unistd::{AccessFlags, access};
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::journal_error::JournalError;

const MIGRATIONS: &[M<'static>] = &[
    M::up(
        "CREATE TABLE plan (only INTEGER PRIMARY KEY CHECK (only = 1), json TEXT NOT NULL) STRICT;
     CREATE TABLE event (number INTEGER PRIMARY KEY, at TEXT NOT NULL, json TEXT NOT NULL) STRICT;",
    ),
    // Form 2: hints and questions hold actions beside words. The tables are the same; versions that know only words refuse it.
    M::up("-- form 2"),
    // Form 3: each event is sealed. Those that earlier versions wrote have no seal of their own; the first one after them
    // seals them, too.
    M::up("ALTER TABLE event ADD COLUMN seal TEXT;"),
    // Form 4: a run may continue by another plan. Which one, its event says.
    M::up("CREATE TABLE amended_plan (digest TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;"),
    // Form 5: an answer may be taken back. The tables are the same; versions that would not know of it refuse it.
    M::up("-- form 5"),
];

/// Opens the file with the tables of this version; with `SQLITE_OPEN_CREATE` in `more`, it need not be there.
///
/// # Errors
/// When it cannot be read or written, is no journal, or is of a newer form.
pub(super) fn open(path: &Path, more: OpenFlags) -> Result<Connection, JournalError> {
    let sqlite = |source| JournalError::of_sqlite(path, source);
    if is_only_read(path) {
        return open_to_read(path).map_err(sqlite);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let mut connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    let migrations = Migrations::from_slice(MIGRATIONS);
    if migrations.pending_migrations(&connection).map_err(|cause| refusal(path, cause))? != 0 {
        bring_up_to_date(&mut connection, &migrations, path)?;
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(sqlite)?;
    Ok(connection)
}

/// Whether the file is there, and neither it nor its folder can be written: a copy that somebody keeps, or a medium that cannot.
fn is_only_read(path: &Path) -> bool {
    let is_refused = |place: &Path| access(place, AccessFlags::W_OK).is_err();
    path.exists() && is_refused(path) && is_refused(folder_of(path))
}

/// Opens it as it lies. SQLite makes files beside a journal of this kind even to read it, unless it is told that nobody writes.
fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let place = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let address = url::Url::from_file_path(&place).map_err(|()| rusqlite::Error::InvalidPath(place))?;
    Connection::open_with_flags(format!("{address}?immutable=1"), flags)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Migrations look at the form first and change it then: two processes at once would both make the same table. Whoever asks
/// how a release stands while another begins it waits here until its tables are there.
fn bring_up_to_date(
    connection: &mut Connection,
    migrations: &Migrations<'_>,
    path: &Path,
) -> Result<(), JournalError> {
    // SQLite's own locks are on the file, and are lost when any other handle of the same file is closed: so, the folder.
    let folder = folder_of(path);
    let refused = |source| JournalError::Folder { path: path.to_owned(), source };
    let alone = File::open(folder).map_err(refused)?;
    alone.lock().map_err(refused)?;
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .map_err(|source| JournalError::of_sqlite(path, source))?;
    migrations.to_latest(connection).map_err(|cause| refusal(path, cause))
}

fn refusal(path: &Path, cause: rusqlite_migration::Error) -> JournalError {
    match cause {
        rusqlite_migration::Error::RusqliteError { err, .. } => JournalError::of_sqlite(path, err),
        other => JournalError::Newer { path: path.to_owned(), reason: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journal_that_nobody_may_write_is_read_as_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b?.db");
        let written = open(&path, OpenFlags::SQLITE_OPEN_CREATE).unwrap();
        written.execute("INSERT INTO plan (only, json) VALUES (1, 'x')", []).unwrap();
        drop(written);
        let read = open_to_read(&path).unwrap();
        let text: String = read.query_row("SELECT json FROM plan", [], |row| row.get(0)).unwrap();
        assert_eq!(text, "x");
        assert!(read.execute("DELETE FROM plan", []).is_err());
        drop(read);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "reading leaves nothing beside it");
    }
}
