//! Machines of others on which entries are proven, as whoever gives entries away sees them.

use std::fmt;
use std::path::PathBuf;

use futures::future::{BoxFuture, LocalBoxFuture};

use super::choice::ExecutorChoice;
use super::executor::TreeUnderTest;
use super::matrix_run::MatrixRun;
use super::prover::{EntryProver, Wish, can_take};
use crate::ids::Digest;
use crate::jobs::IsolationWish;
use crate::matrix::{Capabilities, CiEntry, CiEvent, CiPlan, JobFacts};

/// All entries of a round are given away at once: whoever takes them decides how many run at the same time.
pub const ALL_AT_ONCE: usize = 100_000;

/// What is to be proven elsewhere.
pub struct Errand<'a> {
    /// Plans for a machine, with what is known.
    pub plan: &'a dyn Fn(&Capabilities, &JobFacts) -> CiPlan,
    /// The event that starts the entries.
    pub event: &'a CiEvent,
    /// What runs them.
    pub executor: ExecutorChoice,
    /// What is tested.
    pub tree: TreeUnderTest,
    /// What it is compared with: public, and without the change.
    pub base: Option<TreeUnderTest>,
    /// How far commands are kept from the rest of the machine.
    pub isolation: IsolationWish,
    /// Whether the tree under test may reach the network.
    pub network: bool,
    /// Whether each entry runs on the base first, with network.
    pub warm_up: bool,
    /// Where logs are kept, in a folder for each time that something is given away.
    pub logs: PathBuf,
}

/// Machines of others.
pub trait Crew: fmt::Debug + Send + Sync {
    /// Who was there when they were asked, a machine each, in words.
    fn in_words(&self) -> Vec<String>;

    /// The entries, each as that machine sees it that can do most with it by this executor.
    fn plan(
        &self,
        event: &CiEvent,
        executor: ExecutorChoice,
        plan: &dyn Fn(&Capabilities) -> CiPlan,
    ) -> CiPlan;

    /// Why an entry cannot be given away at all, whoever is there.
    fn hindrance(&self, entry: &CiEntry) -> Option<&'static str>;

    /// Gives entries away until `work` is done, and takes everything away again that this needed. Nothing is the result if
    /// `stop` comes first.
    ///
    /// # Errors
    /// Nobody is there, or they cannot be reached.
    fn prove<'a>(
        &'a self,
        errand: Errand<'a>,
        work: &'a dyn CrewWork,
        stop: LocalBoxFuture<'a, ()>,
    ) -> LocalBoxFuture<'a, Result<Option<MatrixRun>, CrewError>>;

    /// Waits until nothing is given away any more and everything is taken away again, for a few seconds at most.
    fn at_rest(&self) -> BoxFuture<'_, ()>;

    /// Whether one of them can try an entry that has this verdict in the plan of all.
    fn takes(&self, entry: &CiEntry, wish: Wish, with_network: bool) -> bool {
        can_take(entry.verdict(), wish, with_network) && self.hindrance(entry).is_none()
    }
}

/// What is done with machines of others while they are there.
pub trait CrewWork {
    /// Runs entries. `prover` proves each on one of them, and `plan` is the matrix as they all see it together.
    fn with<'p>(
        &'p self,
        prover: &'p dyn EntryProver,
        plan: &'p dyn Fn(&JobFacts) -> CiPlan,
    ) -> LocalBoxFuture<'p, MatrixRun>;
}

/// Nothing could be given away.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CrewError {
    /// What happened.
    pub message: String,
    /// What may be done about it.
    pub hint: String,
}

/// Under what evidence of a worker is kept, which ran the entry by this executor. Which of them runs an entry is not known
/// before, and its own environment stands in what it says.
pub fn environment_of_workers(executor: ExecutorChoice) -> Digest {
    Digest::of(match executor {
        ExecutorChoice::Steps => "workers",
        ExecutorChoice::Act => "workers act",
    })
}
