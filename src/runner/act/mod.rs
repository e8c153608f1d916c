//! The executor `act` (nektos/act): one process for each entry, which runs actions as they are.
//!
//! It is given a workflow of one job in which everything that is known stands in place of the expressions that say it, and the
//! matrix is that of the entry. What it says of a matrix, an operating system or a step counts only as far as the judgement
//! lets it: act takes jobs of other systems for its own (nektos/act#5971).

mod act_executor;
mod asking;
mod local_actions;
mod one_job;
mod outputs;
mod program;
mod refusal;
mod report;
mod transcript;

pub use act_executor::ActExecutor;
pub use program::ActProgram;
