//! The targets' own commands, test suites above all: what to run as data, an executor that runs it without our secrets,
//! and the evidence that is left.
//!
//! A [`Job`] is data: it can be compared, kept, and sent to another machine. An [`Executor`] starts jobs and says what
//! came of them; it starts processes in a checkout that the caller made and will throw away, never changes a repository,
//! and never decides what a failing suite means: that is the ready gate's business. The CI matrix of a repository will be
//! one more source of jobs.

mod command;
mod environment;
mod evidence;
mod executor;
mod isolation;
mod job;
mod lock_file;
mod result;
mod tests_run;
mod time_limit;

pub use command::{CommandLine, TestCommand};
pub use environment::Environment;
pub use evidence::TestEvidence;
pub use executor::{
    ByLine, CommandRoom, Confined, Executor, JobCheckout, RoomCommand, RoomWish, confine_by, confined,
    write_fleeting, write_whole,
};
pub use isolation::{Isolation, IsolationWish};
pub use job::{Job, JobStatus};
pub use lock_file::LockFileCommand;
pub use result::{JobOutcome, TestResult};
pub use tests_run::without_a_test;
pub use time_limit::TimeLimit;

#[cfg(test)]
mod tests;
