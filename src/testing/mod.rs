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

pub use command::{InvalidRun, Run, TestCommand};
pub use environment::Environment;
pub use evidence::{Evidence, Host};
pub use lock_file::{InvalidLockFiles, LockFileCommand, LockFilePaths};
pub use result::{Outcome, TestResult};
pub use runner::Runner;
pub use time_limit::{InvalidTimeLimit, TimeLimit};

#[cfg(test)]
mod tests;
