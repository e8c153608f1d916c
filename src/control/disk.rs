//! A failure of the disk, with what was tried and where.

use std::io;
use std::path::{Path, PathBuf};

/// The disk refused.
#[derive(Debug, thiserror::Error)]
#[error("failed to {what} `{path}`: {source}")]
pub struct DiskError {
    /// What was tried, as a verb with its object: `make the folder of the run`.
    what: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl DiskError {
    /// Says what was tried with a path when it failed.
    pub fn to(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DiskError {
        let path = path.to_owned();
        move |source| DiskError { what, path, source }
    }
}

/// Writes a file whole or not at all: whoever reads it meanwhile, or after a crash, never finds half of it.
pub(super) fn write_whole(path: &Path, text: &str) -> Result<(), DiskError> {
    let beside = path.with_extension("part");
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(DiskError::to("write", path))
}
