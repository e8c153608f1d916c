//! What a run of the matrix is given.

use crate::git::Store;
use crate::ids::CommitId;
use crate::matrix::{Capabilities, CiEvent, CiPlan, JobFacts};

/// What is executed.
pub(super) struct Execution<'a> {
    pub(super) store: &'a Store,
    pub(super) commit: &'a CommitId,
    pub(super) event: &'a CiEvent,
    pub(super) machine: &'a Capabilities,
    /// Plans with what is known.
    pub(super) plan: &'a dyn Fn(&JobFacts) -> CiPlan,
    /// The same for another machine.
    pub(super) plan_for: &'a dyn Fn(&Capabilities, &JobFacts) -> CiPlan,
}
