//! What runs one entry once.

use std::io;
use std::path::{Path, PathBuf};

use futures::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

use super::workspace::Workspace;
use crate::git::{GitError, Store};
use crate::ids::{CommitId, TreeId};
use crate::jobs::CommandRoom;
use crate::matrix::{Architecture, CiEntry, CiEvent, Object, OperatingSystem, Recipe};

/// Runs entries. It reports what happened; whether that is a pass is decided elsewhere.
pub trait EntryExecutor {
    /// As it stands in the evidence.
    fn name(&self) -> &str;

    /// Runs an entry once. Dropping the future ends what runs.
    fn run<'a>(&'a self, order: AttemptOrder<'a>) -> LocalBoxFuture<'a, AttemptReport>;
}

/// The files that are tested, and where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeUnderTest {
    /// A repository on this machine that has the commit.
    pub repository: PathBuf,
    /// The commit.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
}

impl TreeUnderTest {
    /// A commit of a repository.
    ///
    /// # Errors
    /// When the repository lacks the commit; inside, when its folder cannot be found.
    pub fn of(store: &Store, commit: CommitId) -> Result<io::Result<TreeUnderTest>, GitError> {
        let tree = store.tree_of(&commit)?;
        Ok(store.git_dir().canonicalize().map(|repository| TreeUnderTest { repository, commit, tree }))
    }
}

/// One attempt at one entry.
#[derive(Clone, Copy)]
pub struct AttemptOrder<'a> {
    /// What the planner expects.
    pub entry: &'a CiEntry,
    /// What it consists of.
    pub recipe: &'a Recipe,
    /// The event that starts it.
    pub event: &'a CiEvent,
    /// What is tested.
    pub tree: &'a TreeUnderTest,
    /// The sandbox.
    pub room: &'a CommandRoom,
    /// The folders that the steps see, empty.
    pub workspace: &'a Workspace,
    /// Where files are put by for the other jobs of the workflow.
    pub artifacts: &'a Path,
    /// Whether commands may reach the network.
    pub network: bool,
}

/// What an executor says of an attempt.
#[derive(Debug, Clone)]
pub struct AttemptReport {
    /// The matrix that it ran.
    pub matrix: serde_json::Value,
    /// How it ended.
    pub end: AttemptEnd,
    /// The machine, as it was found inside the sandbox.
    pub machine: FoundMachine,
    /// The steps in their order.
    pub steps: Vec<StepRecord>,
    /// The outputs of the job.
    pub outputs: Object,
}

/// How an attempt ended, in the words of the executor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptEnd {
    /// It says that the job succeeded.
    Succeeded,
    /// A step failed: which, and how.
    Failed(String),
    /// It ran into the time limit of the job.
    TimedOut(String),
    /// It hangs on what is not known here.
    Undecided(String),
    /// Something that it needs is not available here.
    Unavailable(String),
}

/// What a machine says that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundMachine {
    /// Its own words: `Linux x86_64`.
    pub said: String,
    /// What that stands for, where it is known.
    pub kind: Option<(OperatingSystem, Architecture)>,
}

/// One step of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// What GitHub would show.
    pub name: String,
    /// What it amounts to here.
    pub deed: StepDeed,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Whether it failed and the job went on as if it had not (`continue-on-error`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tolerated: bool,
    /// What is to be said of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What a step amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepDeed {
    /// A script was started.
    Script,
    /// An action of the repository, whose steps follow.
    Action,
    /// Something stood in for an action.
    StandIn,
    /// An action that does more than prepare was run as it is.
    WholeAction,
    /// It was not come to.
    Nothing,
}

/// How a step ended (`outcome` in the `steps` context).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// With success.
    Success,
    /// It failed.
    Failure,
    /// Its condition was false.
    Skipped,
}

impl StepRecord {
    /// Whether it is a script, or an action as it is, that was started and succeeded: a step that proves something.
    pub fn proves(&self) -> bool {
        matches!(self.deed, StepDeed::Script | StepDeed::WholeAction) && self.outcome == StepOutcome::Success
    }
}

impl FoundMachine {
    /// Of the answer of `uname -s -m`.
    pub fn of(said: &str) -> FoundMachine {
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let (system, architecture) = said.split_once(' ').unwrap_or((&said, ""));
        let system = match system {
            "Linux" => Some(OperatingSystem::Linux),
            "Darwin" => Some(OperatingSystem::MacOs),
            system if system.starts_with("MINGW") || system.starts_with("MSYS") => {
                Some(OperatingSystem::Windows)
            }
            _ => None,
        };
        let architecture = match architecture {
            "x86_64" | "amd64" => Some(Architecture::X64),
            "aarch64" | "arm64" => Some(Architecture::Arm64),
            _ => None,
        };
        FoundMachine { kind: system.zip(architecture), said }
    }
}
