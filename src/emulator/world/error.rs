//! Why the emulated world failed.

use std::path::{Path, PathBuf};

use crate::emulator::git::{GitFailure, MergeFailure};
use crate::emulator::store::StoreError;
use crate::ids::RepoName;

/// Why the emulated world cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// Its file.
    #[error("failed to keep the emulated world's state")]
    Store(#[from] StoreError),
    /// A repository.
    #[error("failed to use a repository of the emulated world")]
    Git(#[from] git2::Error),
    /// The `git` program.
    #[error("failed to run git in the emulated world")]
    Program(#[from] GitFailure),
    /// A directory or file.
    #[error("failed to use `{path}`")]
    Files {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The specification contradicts itself.
    #[error("the specification of the world cannot be: {reason}")]
    Specification {
        /// How.
        reason: String,
    },
    /// The directory holds no world.
    #[error("`{dir}` holds no emulated world")]
    NoWorld {
        /// The directory.
        dir: PathBuf,
    },
    /// A route answered with a status that the table does not declare.
    #[error("a route of the emulated world answered with the undeclared status {status:?}")]
    UndeclaredStatus {
        /// The status.
        status: Option<u16>,
    },
    /// A route read a parameter that its address does not have.
    #[error("a route of the emulated world has no parameter `{name}`")]
    NoSuchParameter {
        /// The parameter.
        name: &'static str,
    },
    /// A repository that the model knows has no directory.
    #[error("the repository `{0}` is missing in the emulated world")]
    MissingRepository(RepoName),
}

impl EmulatorError {
    /// The specification contradicts itself.
    pub(crate) fn specification(reason: impl Into<String>) -> EmulatorError {
        EmulatorError::Specification { reason: reason.into() }
    }
}

impl From<MergeFailure> for EmulatorError {
    fn from(failure: MergeFailure) -> Self {
        match failure {
            MergeFailure::Objects(error) => EmulatorError::Git(error),
            MergeFailure::Program(error) => EmulatorError::Program(error),
        }
    }
}

/// Names the file in an error.
pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> EmulatorError + '_ {
    move |source| EmulatorError::Files { path: path.to_owned(), source }
}
