//! What a coordinator was told at its start, and what it is to have run.

use std::path::PathBuf;
use std::time::Duration;

use crate::jobs::IsolationWish;
use crate::matrix::{Capabilities, CiEvent, CiPlan, JobFacts};
use crate::runner::TreeUnderTest;
use crate::workers::key::SigningKey;
use crate::workers::server::ServerAddress;
use crate::workers::trust::Trusted;

/// What a coordinator was told at its start.
pub struct CrewSettings<'a> {
    /// Where its workers are.
    pub server: &'a ServerAddress,
    /// Who it is.
    pub key: &'a SigningKey,
    /// The workers whose results count, and that get what is under embargo.
    pub trusted: &'a Trusted,
    /// A worker that gives no sign of life for so long has lost its job.
    pub ack_wait: Duration,
    /// An entry that nobody is left for is given up after this.
    pub patience: Duration,
}

/// What is to be run.
pub struct Errand<'a> {
    /// Plans for a machine, with what is known.
    pub plan: &'a dyn Fn(&Capabilities, &JobFacts) -> CiPlan,
    /// The event that starts the entries.
    pub event: &'a CiEvent,
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
    /// Where logs are kept.
    pub logs: PathBuf,
}
