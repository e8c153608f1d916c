//! The CI matrix of a project, planned from its workflow files: which entries GitHub would start, and where each can run.
//!
//! PURE: texts and an event in, entries with verdicts out. What is not understood is said, never guessed; what hangs on
//! something that only the run shows stays conditional along the whole chain of needs. The rules are GitHub's published
//! ones (actions/runner, MIT); each file names its source. `docs/src/matrix.md` says what is supported.

mod entry;
mod event;
mod event_choice;
mod expansion;
mod expression;
mod facts;
mod github_context;
mod jobs;
mod place;
mod plan;
mod reading;
mod recipe;
mod runner;
mod verdict;
mod written;

#[cfg(test)]
mod tests;

pub use entry::CiEntry;
pub use event::{CiEvent, EventKind};
pub use event_choice::{EventChoice, TriedEvent, choose_event};
pub use expression::{
    Contexts, ExpressionError, FileHashes, HashFiles, Known, Object, PinError, Status, Value, as_json,
    asks_for_status, condition_text, parse, pinned_expression, pinned_tree, resolve, resolve_tree, value_of,
};
pub use facts::{JobFact, JobFacts, JobKey};
pub use jobs::Library;
pub use place::{
    ASKED_PROGRAMS, ActionFiles, Actions, Capabilities, Place, StandIn, action_inputs, script_effect,
    stand_in, without_submodules,
};
pub use plan::{CiPlan, WorkflowPlan, plan_after, plan_event};
pub use reading::{FileProblem, WorkflowFile, matches_one, read_yaml};
pub use recipe::Recipe;
pub use runner::{Architecture, OperatingSystem, RunnerClass};
pub use verdict::EntryVerdict;
pub use written::WrittenEntry;
