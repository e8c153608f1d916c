//! From the text of a workflow file to what it says, and whether GitHub takes it at all.
//!
//! Files are read as plain YAML trees, not through `github-actions-models`: its types have no `strategy` for a job that
//! calls a workflow, no `default` for an input, lose `branches: main` that is no list, and give no positions. What they
//! do well, a step's `uses:`, is read through them (see [`crate::matrix::place`]).

mod allowed;
mod check;
mod glob;
mod job;
mod needs;
mod problem;
mod schema;
mod trigger;
mod workflow_file;
mod yaml;

pub use check::{Refusal, refusal};
pub use glob::matches_one;
pub use job::CiJob;
pub use needs::JobNeeds;
pub use problem::FileProblem;
pub use trigger::{TriggerAnswer, answer};
pub use workflow_file::WorkflowFile;
pub use yaml::read_yaml;
