//! The targets' own commands, test suites above all: what to run, running it without our secrets, and the evidence
//! that is left.
//!
//! This room starts processes in a checkout that the caller made and will throw away. It never changes a
//! repository, and it never decides what a failing suite means: that is the ready gate's business. The CI matrix
//! of a repository will be one more source of [`TestCommand`]s.

mod command;
mod environment;
mod evidence;
mod lock_file;
mod log;
mod process;
mod result;
mod runner;
mod time_limit;

pub use command::{Run, TestCommand};
pub use environment::Environment;
pub use evidence::Evidence;
pub use lock_file::LockFileCommand;
pub use result::TestResult;
pub use runner::Runner;
pub use time_limit::TimeLimit;

#[cfg(test)]
mod tests;
