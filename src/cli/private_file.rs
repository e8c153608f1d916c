//! Files that only their owner may read: they hold what is under embargo.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::problem::{Problem, io_problem};

/// Writes a file that only its owner may read, over an earlier one of ours or anybody's: it was named.
pub(super) fn write(file: &Path, text: &str) -> Result<(), Problem> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        let text = format!("there is no directory `{}` to write `{}` in", folder.display(), file.display());
        return Err(Problem::input(text, "make it, or name another file"));
    }
    let made = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
    made.and_then(|mut made| made.write_all(text.as_bytes()))
        .map_err(|error| io_problem("write", file, &error))
}
