//! What keeps workers and coordinators from working at all. What befalls one entry stands in its evidence.

use std::path::PathBuf;

use super::invalid_key::InvalidKey;
use crate::git::{GitError, TransportError};
use crate::ids::CommitId;

/// Why nothing is spread.
#[derive(Debug, thiserror::Error)]
pub enum WorkersError {
    /// The address is none.
    #[error("`{address}` is no address of a NATS server: {why}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody answers there, or not to us.
    #[error("the NATS server at `{address}` cannot be used: {why}")]
    Connect {
        /// Where.
        address: String,
        /// What it says.
        why: String,
    },
    /// The server refuses what the run needs.
    #[error("the NATS server refuses to {what}: {why}")]
    Refused {
        /// What was asked.
        what: String,
        /// What it says.
        why: String,
    },
    /// A key file.
    #[error("the key in `{path}` cannot be used")]
    Key {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: InvalidKey,
    },
    /// A file of trusted keys.
    #[error("line {line} of `{path}` is no public key")]
    Trust {
        /// Which file.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
        /// What is wrong.
        source: InvalidKey,
    },
    /// A file.
    #[error("failed to {what} `{path}`")]
    File {
        /// What was tried.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// No worker that is trusted answered.
    #[error("no worker answered at `{address}`{strangers}")]
    Nobody {
        /// Where.
        address: String,
        /// Who answered and is not trusted, in words.
        strangers: String,
    },
    /// The public commit that everything is made on has no known place.
    #[error(
        "the commit {0} that the tested ones are made on is not sent along, and the job names no public repository to get it \
         from"
    )]
    NoPlace(CommitId),
    /// The repository.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The `git` program.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Encryption.
    #[error("failed to encrypt: {0}")]
    Seal(String),
}
