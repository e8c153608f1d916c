//! What a worker was told at its start.

use std::path::PathBuf;
use std::time::Duration;

use super::checkout::Mirrors;
use crate::matrix::Capabilities;
use crate::workers::key::SigningKey;
use crate::workers::server::ServerAddress;
use crate::workers::trust::Trusted;

/// What a worker was told at its start.
pub struct WorkerSettings<'a> {
    /// Where jobs come from.
    pub server: &'a ServerAddress,
    /// Who it is.
    pub key: &'a SigningKey,
    /// The coordinators whose jobs it runs.
    pub trusted: &'a Trusted,
    /// What it calls itself.
    pub name: String,
    /// What this machine is and has.
    pub machine: &'a Capabilities,
    /// Which `act` this machine has.
    pub act: Option<String>,
    /// How many entries it runs at the same time.
    pub slots: usize,
    /// Where it keeps the public repositories, and what it works on. Only its owner may read it.
    pub folder: PathBuf,
    /// The copies of public repositories that are on this machine.
    pub mirrors: Mirrors,
    /// After so long without a job it goes home.
    pub idle: Option<Duration>,
}
