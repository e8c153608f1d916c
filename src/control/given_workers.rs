//! Whose machines prove a release, noted beside the run: whoever continues it need not say it again. It is no part of the plan:
//! where something is proven changes nothing of what is released.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::disk::{DiskError, read_json, write_json};
use super::home::{Home, HomeKind};

/// The workers that a release was given, as they were named: where to find them, and no secret. Paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenWorkers {
    /// The address of their server.
    pub server: String,
    /// The file with the key that signs what they are to run.
    pub key: PathBuf,
    /// The list of those whose results count.
    pub trust: PathBuf,
    /// The certificates of who vouches for the server, if that is no public authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// One that is silent for so long has lost its entry; in milliseconds.
    pub ack_wait_ms: u64,
    /// An entry that nobody is left for is given up after this; in milliseconds.
    pub patience_ms: u64,
}

impl GivenWorkers {
    /// One that is silent for so long has lost its entry.
    #[must_use]
    pub fn ack_wait(&self) -> Duration {
        Duration::from_millis(self.ack_wait_ms)
    }

    /// An entry that nobody is left for is given up after this.
    #[must_use]
    pub fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_ms)
    }
}

impl Home {
    /// The workers that the run here was given; none where its operator's machine proves it.
    ///
    /// # Errors
    /// When the disk refuses, or somebody edited the note.
    pub fn workers(&self) -> Result<Option<GivenWorkers>, DiskError> {
        if self.kind == HomeKind::Rehearsal && !self.is_known() {
            // What lies in a folder that is none yet is somebody else's.
            return Ok(None);
        }
        let path = self.folder.workers();
        match read_json(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(DiskError::to("read", &path)),
        }
    }

    /// Notes whose machines prove the run from now on. Its folder must be there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn note_workers(&self, given: Option<&GivenWorkers>) -> Result<(), DiskError> {
        let path = self.folder.workers();
        let Some(given) = given else {
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(DiskError::to("remove", &path)(error))
                }
                _ => Ok(()),
            };
        };
        write_json(&path, given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workers_of_a_run_are_noted_and_forgotten_and_are_no_run() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(folder.path());
        assert_eq!(home.workers().unwrap(), None);
        home.note_workers(None).unwrap();
        home.create().unwrap();
        let given = GivenWorkers {
            server: "tls://ci.example".into(),
            key: "/keys/mara".into(),
            trust: "/keys/workers".into(),
            ca: None,
            ack_wait_ms: 1500,
            patience_ms: 300_000,
        };
        home.note_workers(Some(&given)).unwrap();
        assert_eq!(home.workers().unwrap(), Some(given));
        assert_eq!(home.remains().unwrap(), Vec::<String>::new(), "a start that failed leaves it, too");
        home.note_workers(None).unwrap();
        assert_eq!(home.workers().unwrap(), None);
    }
}
