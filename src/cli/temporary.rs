//! Folders that are gone when a command ends.

use tempfile::TempDir;

use super::problem::{Problem, io_problem};

/// An empty folder, named after what it is for.
pub(super) fn folder(purpose: &str) -> Result<TempDir, Problem> {
    tempfile::Builder::new()
        .prefix(&format!("lockgate-{purpose}-"))
        .tempdir()
        .map_err(|error| io_problem("make a folder in", &std::env::temp_dir(), &error))
}
