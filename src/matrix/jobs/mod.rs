//! The jobs of one workflow under one event: conditions, needs, matrices, called workflows.

mod call_rules;
mod called;
mod condition;
mod frame;
mod inputs;
mod named;
mod needs;
mod workflow;

pub use frame::{Frame, Gate, Library};
pub use inputs::{dispatched_inputs, written_inputs};
pub use workflow::workflow_entries;
