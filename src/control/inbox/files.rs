//! The files of letters.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::control::decisions::{DecisionRequest, Refusal, Ruling};
use crate::control::disk::DiskError;
use crate::run::StampedEvent;

/// What somebody left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Post {
    /// How many events there were when it was written: what became of it is one after these.
    pub(super) before: u64,
    /// What they want.
    pub(super) request: DecisionRequest,
}

/// What they are answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reply {
    /// It is recorded.
    Accepted(Box<Ruling>),
    /// It is not, and why.
    Refused(Refusal),
    /// The process that drives the run is of another version.
    Unknown,
}

/// Which of a letter's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is being written.
    Part,
    /// It waits to be taken.
    Posted,
    /// The process that drives the run has it.
    Taken,
    /// What that process is going to record.
    Ruling,
    /// The answer.
    Reply,
    /// No decision, but the wish that the run looks again.
    Wish,
}

impl Stage {
    const ALL: [Stage; 6] =
        [Stage::Part, Stage::Posted, Stage::Taken, Stage::Ruling, Stage::Reply, Stage::Wish];

    fn extension(self) -> &'static str {
        match self {
            Stage::Part => "part",
            Stage::Posted => "request",
            Stage::Taken => "taken",
            Stage::Ruling => "ruling",
            Stage::Reply => "answer",
            Stage::Wish => "wish",
        }
    }
}

/// A letter over which somebody waits. Its files are gone when this is dropped.
pub(super) struct AwaitedLetter {
    pub(super) files: LetterFiles,
    /// Locked as long as somebody waits.
    _file: File,
}

impl AwaitedLetter {
    /// Leaves it as one of this stage.
    pub(super) fn leave(
        inbox: &Path,
        stage: Stage,
        content: &impl Serialize,
    ) -> Result<AwaitedLetter, DiskError> {
        let files = LetterFiles::of_now(inbox);
        let file = files.post(stage, content).map_err(DiskError::to("leave a request in", inbox))?;
        Ok(AwaitedLetter { files, _file: file })
    }
}

impl Drop for AwaitedLetter {
    fn drop(&mut self) {
        self.files.remove();
    }
}

/// The files of one letter.
#[derive(Debug, Clone)]
pub(super) struct LetterFiles {
    folder: PathBuf,
    pub(super) name: String,
}

impl LetterFiles {
    /// Those of a letter that is written now: no two have one name, and the names follow their times.
    pub(super) fn of_now(folder: &Path) -> LetterFiles {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        LetterFiles::new(folder, format!("{now:020}-{}", std::process::id()))
    }

    pub(super) fn new(folder: &Path, name: impl Into<String>) -> LetterFiles {
        LetterFiles { folder: folder.to_owned(), name: name.into() }
    }

    /// The letters that have a file of this stage, in the order of their names, which is that of their times.
    pub(super) fn all(folder: &Path, stage: Stage) -> Vec<LetterFiles> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(PathBuf::from(entry.ok()?.file_name())))
            .filter(|file| file.extension().is_some_and(|extension| extension == stage.extension()))
            .filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()))
            .collect();
        names.sort();
        names.into_iter().map(|name| LetterFiles::new(folder, name)).collect()
    }

    pub(super) fn path(&self, stage: Stage) -> PathBuf {
        self.folder.join(format!("{}.{}", self.name, stage.extension()))
    }

    /// Leaves the letter as one of this stage. As long as the file that is given back is open, somebody waits for the answer.
    pub(super) fn post(&self, stage: Stage, content: &impl Serialize) -> io::Result<File> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let part = self.path(Stage::Part);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.lock()?;
        file.write_all(&serde_json::to_vec(content)?)?;
        fs::rename(part, self.path(stage))?;
        Ok(file)
    }

    /// Whether whoever wrote the letter still waits. Only they hold its file locked.
    pub(super) fn is_awaited(&self, stage: Stage) -> bool {
        File::open(self.path(stage))
            .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Whether the letter is a file of whoever owns the inbox, and nobody else's.
    pub(super) fn is_ours(&self, stage: Stage) -> bool {
        let owner = |path: &Path| fs::symlink_metadata(path).map(|known| (known.uid(), known.is_file()));
        match (fs::metadata(&self.folder), owner(&self.path(stage))) {
            (Ok(folder), Ok((uid, true))) => folder.uid() == uid,
            _ => false,
        }
    }

    /// Whether nobody waits for an answer any more, or it is not of whoever owns the inbox: it is thrown away.
    pub(super) fn is_nobodys(&self, stage: Stage) -> bool {
        !self.is_ours(stage) || !self.is_awaited(stage)
    }

    /// Makes it a letter of another stage; fails when somebody else was faster.
    pub(super) fn turn(&self, from: Stage, to: Stage) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    pub(super) fn has(&self, stage: Stage) -> bool {
        self.path(stage).exists()
    }

    pub(super) fn read<T: DeserializeOwned>(&self, stage: Stage) -> io::Result<T> {
        Ok(serde_json::from_slice(&fs::read(self.path(stage))?)?)
    }

    /// Writes a file of it whole or not at all.
    pub(super) fn write(&self, stage: Stage, content: &impl Serialize) -> io::Result<()> {
        let part = self.path(Stage::Part);
        fs::write(&part, serde_json::to_vec(content)?)?;
        fs::rename(part, self.path(stage))
    }

    /// Removes whatever there is of it.
    pub(super) fn remove(&self) {
        for stage in Stage::ALL {
            // What is not there needs no removal.
            let _ = fs::remove_file(self.path(stage));
        }
    }

    /// What the journal has of a letter that was taken by a process which then died.
    pub(super) fn recorded(&self, before: u64, events: &[StampedEvent]) -> Option<Ruling> {
        let Ok(Reply::Accepted(ruling)) = self.read(Stage::Ruling) else { return None };
        let mut later = events.iter().filter(|event| event.number > before);
        later.any(|event| event.record == ruling.event).then_some(*ruling)
    }
}
