//! A failure of the disk, with what was tried and where.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

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

/// Writes a file whole or not at all: whoever reads it meanwhile, or after a crash, never finds half of it. Who may read it stays
/// as it is.
pub(super) fn write_whole(path: &Path, text: &str) -> Result<(), DiskError> {
    write_beside(path, text).map_err(DiskError::to("write", path))
}

/// The same of a value, as JSON for people to read, too.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), DiskError> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::from);
    write_whole(path, &(text.map_err(DiskError::to("write", path))? + "\n"))
}

/// What [`write_json`] wrote. Text that is none of it is an error of the disk, too.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

fn write_beside(path: &Path, text: &str) -> io::Result<()> {
    // A user's file may be a link to the one that is meant.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = path.with_extension("part");
    let mut file = std::fs::File::create(&beside)?;
    if let Ok(known) = std::fs::metadata(&path) {
        file.set_permissions(known.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    std::fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn who_may_read_a_file_stays_as_it_is_and_a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file.toml"), folder.path().join("link.toml"));
        std::fs::write(&file, "one").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_whole(&link, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
