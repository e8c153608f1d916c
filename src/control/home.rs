//! Where a release is kept: the directory of the user's files with the run beside them, or a kept rehearsal.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::disk::{DiskError, read_json, write_json};
use super::operator::operator;
use crate::folder::Folder;
use crate::ids::StepName;
use crate::run::{Journal, JournalError, Lock, LockError};

/// The folder of a real run, beside the user's files.
const FOLDER: &str = ".lockgate";
/// Written when a rehearsal's world is laid out; its folder is recognised by it.
const REHEARSAL: &str = "rehearsal.json";
/// Present while the world of a rehearsal is laid out. What lies beside it is ours and may be thrown away.
pub const UNFINISHED: &str = "unfinished";

/// Whether a run is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HomeKind {
    /// Against the services that the catalog names.
    Real,
    /// In an emulated world that is kept in the run's own folder.
    Rehearsal,
}

/// One release on this machine.
#[derive(Debug, Clone)]
pub struct Home {
    /// The user's files, or a rehearsal's copies of them.
    pub files: PathBuf,
    /// The run.
    pub folder: Folder,
    /// Whether it is real.
    pub kind: HomeKind,
}

/// What a rehearsal must know to be resumed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rehearsal {
    /// The token of the incident manager in the emulated world. It opens nothing else.
    pub token: String,
    /// Where the world's own clock started.
    pub start: Timestamp,
    /// Where the world answered last. It answers there again if it can: links of the report point there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SocketAddr>,
    /// The directory of the user's files that it was made of. Versions up to 0.1 did not note it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<PathBuf>,
    /// Whether people answer its gates. Versions up to 0.1 did not note it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks: bool,
}

impl Home {
    /// The release in a directory: a kept rehearsal if it is one, else the user's files with a real run beside them.
    #[must_use]
    pub fn find(directory: &Path) -> Home {
        // A rehearsal that was killed while its world was laid out is no release of the user's, either.
        if [REHEARSAL, UNFINISHED].iter().any(|name| directory.join(name).is_file()) {
            return Home::rehearsal(directory);
        }
        Home { files: directory.to_owned(), folder: Folder::at(directory.join(FOLDER)), kind: HomeKind::Real }
    }

    /// The rehearsal whose folder this is, or will be.
    #[must_use]
    pub fn rehearsal(out: &Path) -> Home {
        Home { files: out.join("inputs"), folder: Folder::at(out), kind: HomeKind::Rehearsal }
    }

    /// Whether people answer the gates of this rehearsal.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.memory().is_ok_and(|memory| memory.asks)
    }

    /// Notes whether people answer its gates.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn note_who_answers(&self, asks: bool) -> Result<(), DiskError> {
        let memory = self.memory()?;
        if memory.asks == asks { Ok(()) } else { self.remember(&Rehearsal { asks, ..memory }) }
    }

    /// The user's files that a rehearsal was made of, or its copies of them; `None` where neither is known.
    #[must_use]
    pub fn origin(&self) -> Option<PathBuf> {
        let unfinished = std::fs::read_to_string(self.folder.root().join(UNFINISHED)).ok();
        let noted = match &unfinished {
            // Its copies are thrown away when it is laid out again.
            Some(flag) => flag.lines().nth(1).map(PathBuf::from),
            None => self.memory().ok().and_then(|memory| memory.origin),
        };
        let copies = unfinished.is_none().then(|| self.files.clone());
        noted.into_iter().chain(copies).find(|directory| directory.is_dir())
    }

    /// The directory that a user gives to mean this release.
    #[must_use]
    pub fn directory(&self) -> &Path {
        match self.kind {
            HomeKind::Real => &self.files,
            HomeKind::Rehearsal => self.folder.root(),
        }
    }

    /// Whether a rehearsal's world was laid out here.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.folder.root().join(REHEARSAL).is_file()
    }

    /// Makes the folder. What it holds is under embargo: only its owner may read it, and git must not see it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn create(&self) -> Result<(), DiskError> {
        let made = || -> io::Result<()> {
            self.folder.create()?;
            match self.kind {
                HomeKind::Real => std::fs::write(self.folder.root().join(".gitignore"), "*\n"),
                HomeKind::Rehearsal => Ok(()),
            }
        };
        made().map_err(DiskError::to("make the folder of the run", self.folder.root()))
    }

    /// Closes the folder to all but its owner, where somebody made it before; gives whether it was open.
    ///
    /// # Errors
    /// When it is open and cannot be closed: nothing under embargo may be written there.
    pub fn close(&self) -> Result<bool, DiskError> {
        let root = self.folder.root();
        self.folder.close().map_err(DiskError::to("close to all but its owner", root))
    }

    /// Whether a run was started here.
    #[must_use]
    pub fn is_started(&self) -> bool {
        Journal::exists(&self.folder.journal())
    }

    /// What a run left here, although its journal is not there or empty: a lost journal. Nothing, where a start failed
    /// before there was a run.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remains(&self) -> Result<Vec<String>, DiskError> {
        let read = || -> io::Result<Vec<String>> {
            let entries = match std::fs::read_dir(self.folder.root()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                entries => entries?,
            };
            let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
            names.collect()
        };
        let mut names = read().map_err(DiskError::to("read", self.folder.root()))?;
        let was_planned = self.folder.planning().exists();
        // Beside a run that was set aside only what every run writes first tells of another one.
        if self.folder.earlier().exists() {
            names.retain(|name| name == "journal.last");
        }
        let is_before_the_run = |name: &str| match name {
            "lock" | ".gitignore" | "planning" | "workers.json" => true,
            "store" | "journal.db" | "journal.db-wal" | "journal.db-shm" => was_planned,
            _ => false,
        };
        names.retain(|name| !is_before_the_run(name));
        names.sort();
        Ok(names)
    }

    /// That a run lost its journal here, if one did: it left something else.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn lost(&self) -> Result<Option<JournalError>, DiskError> {
        let left = self.remains()?;
        let folder = self.folder.root().to_owned();
        Ok((!left.is_empty()).then_some(JournalError::Lost { folder, left }))
    }

    /// The loss of a journal whose run had begun: what it wrote last is noted beside it. The world of a rehearsal is there before.
    #[must_use]
    pub fn lost_after_its_beginning(&self) -> Option<JournalError> {
        let (folder, left) = (self.folder.root().to_owned(), vec!["the note of its last event".to_owned()]);
        Journal::has_known_end(&self.folder.journal()).then_some(JournalError::Lost { folder, left })
    }

    /// Notes that a run is planned here, until it is begun.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn note_planning(&self) -> Result<(), DiskError> {
        let place = self.folder.planning();
        std::fs::write(&place, "").map_err(DiskError::to("write", &place))
    }

    /// Notes that the run is begun.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn note_begun(&self) -> Result<(), DiskError> {
        let place = self.folder.planning();
        match std::fs::remove_file(&place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(DiskError::to("remove", &place)(error))
            }
            _ => Ok(()),
        }
    }

    /// Takes the lock in the name of this process.
    ///
    /// # Errors
    /// When somebody else drives the run.
    pub fn lock(&self) -> Result<Lock, LockError> {
        let owner = format!("{}, process {}, since {:.0}", operator(), std::process::id(), Timestamp::now());
        Lock::take(&self.folder.lock(), &owner)
    }

    /// Who drives the run now, as they call themselves; nobody, where it rests.
    ///
    /// # Errors
    /// When the lock's file cannot be read.
    pub fn driver(&self) -> Result<Option<String>, LockError> {
        Lock::holder(&self.folder.lock())
    }

    /// Takes the lock of the work tree in which the conflict of a step is resolved.
    ///
    /// # Errors
    /// When somebody else works in it now.
    pub fn lock_work_tree(&self, step: &StepName) -> Result<Lock, LockError> {
        let tree = self.folder.work_tree(step);
        let mut path = tree.clone().into_os_string();
        path.push(".lock");
        let folder = tree.parent().unwrap_or(&tree);
        std::fs::create_dir_all(folder)
            .map_err(|source| LockError::Io { path: folder.to_owned(), source })?;
        Lock::take(Path::new(&path), &format!("{}, process {}", operator(), std::process::id()))
    }

    /// What the rehearsal here must know.
    ///
    /// # Errors
    /// When the disk refuses, or somebody edited it.
    pub fn memory(&self) -> Result<Rehearsal, DiskError> {
        let path = self.folder.root().join(REHEARSAL);
        read_json(&path).map_err(DiskError::to("read", &path))
    }

    /// Notes what the rehearsal here must know. From then on its folder counts as one, so this comes last.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remember(&self, rehearsal: &Rehearsal) -> Result<(), DiskError> {
        write_json(&self.folder.root().join(REHEARSAL), rehearsal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failed_start_left_is_no_run_and_what_a_run_left_is() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(folder.path());
        assert_eq!(home.remains().unwrap(), Vec::<String>::new());
        home.create().unwrap();
        home.note_planning().unwrap();
        std::fs::create_dir(home.folder.root().join("store")).unwrap();
        std::fs::write(home.folder.journal(), "").unwrap();
        drop(home.lock().unwrap());
        assert_eq!(home.remains().unwrap(), Vec::<String>::new());
        home.note_begun().unwrap();
        assert_eq!(home.remains().unwrap(), ["journal.db", "store"]);
        home.note_planning().unwrap();
        std::fs::write(home.folder.root().join("journal.last"), "9 x").unwrap();
        assert_eq!(home.remains().unwrap(), ["journal.last"]);
        let told = home.open().err().unwrap().to_string();
        assert!(told.contains("its journal is gone or empty; it left `journal.last`"), "{told}");
    }

    #[test]
    fn a_folder_that_was_open_to_all_is_closed() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(folder.path());
        let root = home.folder.root();
        std::fs::create_dir(root).unwrap();
        std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o777)).unwrap();
        home.create().unwrap();
        assert!(home.close().unwrap() && !home.close().unwrap());
        assert_eq!(std::fs::metadata(root).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn kept_rehearsal_is_recognised_by_the_file_in_it() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Home::find(folder.path()).kind, HomeKind::Real);
        let home = Home::rehearsal(folder.path());
        let start = "2026-03-02T09:00:00Z".parse().unwrap();
        home.remember(&Rehearsal { token: "t".into(), start, address: None, origin: None, asks: false })
            .unwrap();
        assert_eq!(Home::find(folder.path()).kind, HomeKind::Rehearsal);
        assert_eq!(home.memory().unwrap().start, start);
    }
}
