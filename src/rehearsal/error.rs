//! Why there is no rehearsal, or why it stopped.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::layout::LayoutError;
use super::mirrors::UnusableMirror;
use crate::control::{DiskError, DriveError, InputsChanged, Refusal};
use crate::emulator::EmulatorError;
use crate::emulator::history::HistoryError;
use crate::git::GitError;
use crate::github::ConnectError;
use crate::ids::{InvalidId, Login, RepoName};
use crate::input::InputError;
use crate::planning::PlanningError;
use crate::registry::RegistryError;
use crate::run::{JournalError, LockError};

/// Why a rehearsal cannot be set up or go on.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// One of the user's files cannot be used; with the place.
    #[error(transparent)]
    Input(#[from] InputError),
    /// There is neither a description of a world nor a mirror to make one of.
    #[error("`{}` has no `world.toml`, so there is nothing to rehearse in", directory.display())]
    NothingToRehearseIn {
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// A mirror is missing, or cannot be used.
    #[error(transparent)]
    Mirror(#[from] UnusableMirror),
    /// Scripted CI cannot be told which file states the version.
    #[error("a rehearsal cannot tell which file states the version of `{0}`")]
    NoVersionFile(RepoName),
    /// The incident manager does not live in the world.
    #[error("the incident manager `{0}` is not a user of `world.toml`")]
    UnknownManager(Login),
    /// A name that is made of the user's names cannot be.
    #[error(transparent)]
    Name(#[from] InvalidId),
    /// The release is to be announced before time begins.
    #[error("a week before the disclosure time is no date")]
    Date(#[from] jiff::Error),
    /// The folder cannot take the world.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The kept rehearsal is of another release.
    #[error("the rehearsal kept there is of other files: {0}")]
    OtherFiles(InputsChanged),
    /// A repository of the world could not be built or copied.
    #[error(transparent)]
    Sources(#[from] HistoryError),
    /// The description of the world contradicts itself.
    #[error("the emulated world cannot be made")]
    BadWorld(#[source] EmulatorError),
    /// The folder holds no world.
    #[error("there is no world to open")]
    NoWorld(#[source] EmulatorError),
    /// The disk or git refuses.
    #[error("the emulated world fails")]
    Emulator(#[source] EmulatorError),
    /// The world cannot be served.
    #[error("failed to listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The world cannot be reached.
    #[error("failed to connect to the emulated world")]
    Connect(#[from] ConnectError),
    /// Its registries cannot be reached.
    #[error("failed to connect to the registries of the emulated world")]
    Registry(#[from] RegistryError),
    /// The mirror lacks what a replay is compared with.
    #[error("failed to compare with that day")]
    NotComparable(#[source] GitError),
    /// The kept rehearsal does not know what its world held before.
    #[error(
        "the rehearsal kept there was made by an older lockgate, which did not note what was there before; rehearse again in an empty folder"
    )]
    NoBeginning,
    /// What the world held before cannot be read.
    #[error("`{}` is not what lockgate wrote", path.display())]
    BadBeginning {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// There is no plan.
    #[error(transparent)]
    Planning(#[from] PlanningError),
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What the rehearsal answers in the place of people is refused.
    #[error("the rehearsal cannot answer in the place of people")]
    Answer(#[from] Refusal),
    /// Somebody else uses the folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The run cannot go on.
    #[error(transparent)]
    Drive(#[from] DriveError),
}

impl RehearsalError {
    /// Whether there is no `git` program to make the world with; the mirrors are not to blame then.
    #[must_use]
    pub fn is_without_git(&self) -> bool {
        match self {
            RehearsalError::Sources(error) => error.is_without_git(),
            RehearsalError::Emulator(EmulatorError::Program(failure)) => failure.is_missing(),
            _ => false,
        }
    }
}

impl From<EmulatorError> for RehearsalError {
    /// What the emulator refuses is in its specification; the rest is the machine's.
    fn from(error: EmulatorError) -> RehearsalError {
        match error {
            EmulatorError::Specification { .. } | EmulatorError::MissingRepository(_) => {
                RehearsalError::BadWorld(error)
            }
            EmulatorError::NoWorld { .. } => RehearsalError::NoWorld(error),
            _ => RehearsalError::Emulator(error),
        }
    }
}
