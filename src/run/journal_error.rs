//! Why a journal cannot be read or written.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::ids::Digest;

/// Why a journal cannot be read or written. In every case nothing was done that is not in it.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is no run here.
    #[error("there is no run at `{0}`")]
    Missing(PathBuf),
    /// There was a run here: it left these.
    #[error("a run was started in `{folder}`, and its journal is gone or empty; it left `{}`", .left.join("`, `"))]
    Lost {
        /// The folder of the run.
        folder: PathBuf,
        /// What is there, by name.
        left: Vec<String>,
    },
    /// There is one already.
    #[error("a run was started already at `{0}`")]
    Exists(PathBuf),
    /// SQLite refused: the disk is full, the file is locked or may not be written.
    #[error("failed to use the journal `{path}`; nothing was done that is not in it")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Its folder cannot be used: it is locked for a moment while the tables are made.
    #[error("failed to use the folder of the journal `{path}`; nothing was done that is not in it")]
    Folder {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no database, or a broken one.
    #[error("the journal `{path}` is damaged, so nothing is guessed from it")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        source: rusqlite::Error,
    },
    /// Its tables are those of a newer version.
    #[error("the journal `{path}` was written by a newer version of lockgate: {reason}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// What cannot be read.
        reason: String,
    },
    /// An event is whole, but this version does not know its form.
    #[error(
        "event {number} of the journal `{path}` has a form that this version of lockgate does not know{}",
        by(started_by)
    )]
    UnknownForm {
        /// The file.
        path: PathBuf,
        /// Which event.
        number: u64,
        /// The version that started the run.
        started_by: Option<String>,
        /// What is not known.
        source: serde_json::Error,
    },
    /// An event is not what any version writes.
    #[error("event {number} of the journal `{path}` is damaged, so nothing is guessed from it: {reason}")]
    DamagedEvent {
        /// The file.
        path: PathBuf,
        /// Which event.
        number: u64,
        /// How.
        reason: String,
    },
    /// The plan in it has a form that this version does not know.
    #[error("the plan in the journal `{path}` cannot be used by this version of lockgate{}", by(started_by))]
    Plan {
        /// The file.
        path: PathBuf,
        /// The version that started the run.
        started_by: Option<String>,
        /// Why.
        source: serde_json::Error,
    },
    /// The plan in it is not the one that was started.
    #[error(
        "the plan in the journal `{path}` has the digest {found}, but {started} was started: it was edited"
    )]
    OtherPlan {
        /// The file.
        path: PathBuf,
        /// The digest of what is there.
        found: Digest,
        /// The digest of what was started.
        started: Digest,
    },
    /// Events are missing at the end.
    #[error(
        "the journal `{path}` ends with event {found}, but {written} were written: a part of it was left behind, or this \
         is an older copy"
    )]
    EndMissing {
        /// The file.
        path: PathBuf,
        /// How many events it has.
        found: u64,
        /// How many were written.
        written: u64,
        /// The file that notes it.
        note: PathBuf,
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

impl JournalError {
    /// What SQLite said of this file.
    pub(super) fn of_sqlite(path: &Path, source: rusqlite::Error) -> JournalError {
        let path = path.to_owned();
        // A text that is none was changed where it lies.
        if let rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::Utf8Error(..) = source {
            return JournalError::Damaged { path, source };
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                JournalError::Damaged { path, source }
            }
            _ => JournalError::Sqlite { path, source },
        }
    }
}

fn by(started_by: &Option<String>) -> String {
    started_by
        .as_ref()
        .map(|version| format!("; the run was started by lockgate {version}"))
        .unwrap_or_default()
}
