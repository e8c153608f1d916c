//! What the executor keeps in the run's folder: the result of each job, by its id. A run that was killed while suites ran
//! adopts what is here.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

use crate::jobs::job::{FinishedJob, JobId};

/// The folder of results.
#[derive(Debug, Clone)]
pub(super) struct Records(PathBuf);

impl Records {
    pub(super) fn in_folder(folder: &Path) -> Records {
        Records(folder.join("results"))
    }

    /// The result of a job, if it has one. One that cannot be read, or is of another job, counts as none: then the job is
    /// run again, and nothing is proven by a guess.
    pub(super) fn read(&self, id: &JobId) -> Option<FinishedJob> {
        let text = std::fs::read(self.path(id)).ok()?;
        let finished: FinishedJob = serde_json::from_slice(&text).ok()?;
        (finished.job.id() == *id).then_some(finished)
    }

    /// Keeps a result, whole or not at all.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn keep(&self, finished: &FinishedJob) -> io::Result<()> {
        write_whole(&self.path(&finished.job.id()), finished)
    }

    fn path(&self, id: &JobId) -> PathBuf {
        self.0.join(format!("{id}.json"))
    }
}

/// Writes a file that others see whole or not at all, and that survives a power cut.
///
/// # Errors
/// When the disk refuses.
pub fn write_whole(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let folder = folder_of(path)?;
    let half = half_written(folder, value)?;
    half.as_file().sync_all()?;
    half.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// Writes a file that others see whole or not at all, also when this process is killed. A power cut may take it away: for
/// what is worth nothing after one, and is written so often that it would be waited for the disk.
///
/// # Errors
/// When the disk refuses.
pub fn write_fleeting(path: &Path, value: &impl Serialize) -> io::Result<()> {
    half_written(folder_of(path)?, value)?.persist(path).map(drop).map_err(|error| error.error)
}

fn folder_of(path: &Path) -> io::Result<&Path> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    std::fs::create_dir_all(folder)?;
    Ok(folder)
}

fn half_written(folder: &Path, value: &impl Serialize) -> io::Result<NamedTempFile> {
    let mut half = tempfile::Builder::new().prefix(".half-").tempfile_in(folder)?;
    half.write_all(&serde_json::to_vec_pretty(value)?)?;
    Ok(half)
}
