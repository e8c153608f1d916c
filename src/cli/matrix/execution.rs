//! What a run of the matrix is given.

use crate::git::Store;
use crate::ids::CommitId;
use crate::matrix::{Capabilities, CiEvent, CiPlan, JobFacts};
use crate::runner::ExecutorChoice;

/// What is executed.
pub(super) struct Execution<'a> {
    pub(super) store: &'a Store,
    pub(super) commit: &'a CommitId,
    pub(super) event: &'a CiEvent,
    /// What runs it.
    pub(super) executor: ExecutorChoice,
    pub(super) machine: &'a Capabilities,
    /// Plans for a machine, with what is known.
    pub(super) plan_for: &'a dyn Fn(&Capabilities, &JobFacts) -> CiPlan,
}

impl Execution<'_> {
    /// Plans for this machine.
    pub(super) fn plan(&self, facts: &JobFacts) -> CiPlan {
        (self.plan_for)(self.machine, facts)
    }
}
