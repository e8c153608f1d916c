//! What will happen at a time: forks that are made, ids that are assigned, releases that appear.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::emulator::spec::RegistryKind;
use crate::ids::{CommitId, GhsaId, Login, RepoName};

/// Something that happens by itself. Every one can be applied twice with the result of once, so that a crash
/// between its git part and its record does no harm.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum DueEffect {
    /// The private fork of an advisory appears.
    OpenFork(GhsaId),
    /// A CVE id is assigned.
    AssignCve(GhsaId),
    /// Somebody approves a pull request.
    Approve {
        /// Where.
        repo: RepoName,
        /// Its number.
        number: u64,
        /// Who.
        by: Login,
    },
    /// The merge queue looks at a pull request whose checks should have ended.
    QueueTurn {
        /// Where.
        repo: RepoName,
        /// Its number.
        number: u64,
        /// Its place.
        entry: u64,
    },
    /// CI makes a tag.
    Tag {
        /// Where.
        repo: RepoName,
        /// Its name.
        tag: String,
        /// On which commit.
        commit: CommitId,
    },
    /// CI makes a release.
    Release {
        /// Where.
        repo: RepoName,
        /// Its tag.
        tag: String,
        /// Its name.
        name: String,
        /// The branch.
        target: String,
    },
    /// CI uploads an asset.
    Asset {
        /// Where.
        repo: RepoName,
        /// The release's tag.
        tag: String,
        /// The file.
        name: String,
    },
    /// A registry shows a version.
    Publish {
        /// Which registry.
        ecosystem: RegistryKind,
        /// The package.
        name: String,
        /// The version.
        version: String,
    },
}

/// An effect with its time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Scheduled {
    pub(crate) due: Timestamp,
    pub(crate) effect: DueEffect,
    /// The run that it belongs to: cancelled with it.
    pub(crate) run: Option<u64>,
}

impl Scheduled {
    /// The key of its document: in order of time, then of scheduling.
    pub(crate) fn key(&self, number: u64) -> String {
        format!("{:015}-{number:010}", self.due.as_millisecond())
    }
}
