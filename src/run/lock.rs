//! One operator at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often it is tried again to take a lock, and after which time: whoever only looks who has it holds it for an instant.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(5);

/// Held while a run is driven. Released when it is dropped or the process dies, however it dies.
#[derive(Debug)]
#[must_use = "the lock is released when it is dropped"]
pub struct Lock {
    _file: File,
}

/// Why the lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else drives the run.
    #[error("the release is being run by {owner}; nothing was done")]
    Held {
        /// As they wrote it: `user@host, process N, since …`.
        owner: String,
    },
    /// The lock's file cannot be used.
    #[error("failed to lock `{path}`")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Lock {
    /// Takes the lock at `path` in the name of `owner`.
    ///
    /// # Errors
    /// [`LockError::Held`] when another process has it.
    pub fn take(path: &Path, owner: &str) -> Result<Lock, LockError> {
        let io = |source| LockError::Io { path: path.to_owned(), source };
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(io)?;
        let mut tries = 1;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries < TRIES => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::Held { owner: written_by(&mut file).map_err(io)? });
                }
                Err(TryLockError::Error(source)) => return Err(io(source)),
            }
            tries += 1;
        }
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        file.write_all(owner.as_bytes()).map_err(io)?;
        Ok(Lock { _file: file })
    }

    /// Who holds the lock at `path`, as they wrote it; nobody, where it is free. It is not taken.
    ///
    /// # Errors
    /// [`LockError::Io`] when its file cannot be used.
    pub fn holder(path: &Path) -> Result<Option<String>, LockError> {
        let io = |source| LockError::Io { path: path.to_owned(), source };
        let mut file = match File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(io)?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => written_by(&mut file).map(Some).map_err(io),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}

/// Whoever has a lock wrote this into its file.
fn written_by(file: &mut File) -> std::io::Result<String> {
    let mut owner = String::new();
    file.read_to_string(&mut owner)?;
    Ok(if owner.is_empty() { "another process".to_owned() } else { owner })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn en_02_second_operator_is_told_who_holds_the_release() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = Lock::take(&path, "mara@desk, process 7").unwrap();
        let refused = Lock::take(&path, "ines@sofa").unwrap_err();
        assert!(refused.to_string().contains("mara@desk, process 7"), "{refused}");
        assert_eq!(Lock::holder(&path).unwrap().as_deref(), Some("mara@desk, process 7"));
        drop(held);
        // What the last one wrote is still there; nobody holds it.
        assert_eq!(Lock::holder(&path).unwrap(), None);
        assert_eq!(Lock::holder(&folder.path().join("nothing")).unwrap(), None);
        assert!(Lock::take(&path, "ines@sofa").is_ok());
    }
}
