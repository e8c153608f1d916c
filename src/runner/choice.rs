//! Which executor runs entries on this machine, and what this machine can do with it.

use std::sync::OnceLock;

use super::act::{ActExecutor, ActProgram};
use super::executor::EntryExecutor;
use super::steps::StepsExecutor;
use super::this_machine::this_machine;
use crate::matrix::{Actions, Capabilities};

/// What runs entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExecutorChoice {
    /// The executor of our own.
    #[default]
    Steps,
    /// The program `act`.
    Act,
}

impl ExecutorChoice {
    /// This machine as the planner sees it.
    #[must_use]
    pub fn machine(self) -> &'static Capabilities {
        static BY_ACT: OnceLock<Capabilities> = OnceLock::new();
        match self {
            ExecutorChoice::Steps => this_machine(),
            ExecutorChoice::Act => BY_ACT.get_or_init(|| {
                let actions = Actions::ByAct(act().as_ref().err().cloned());
                Capabilities { actions, ..this_machine().clone() }
            }),
        }
    }

    /// The executor. One that is not here says so of every entry.
    #[must_use]
    pub fn executor(self) -> Box<dyn EntryExecutor> {
        match self {
            ExecutorChoice::Steps => Box::new(StepsExecutor { machine: self.machine() }),
            ExecutorChoice::Act => Box::new(ActExecutor::new(act().clone(), self.machine())),
        }
    }

    /// What is missing for it.
    #[must_use]
    pub fn missing(self) -> Option<&'static str> {
        match self {
            ExecutorChoice::Steps => None,
            ExecutorChoice::Act => act().as_ref().err().map(String::as_str),
        }
    }
}

/// Looked for once: what is installed while Lockgate runs counts for the next run.
fn act() -> &'static Result<ActProgram, String> {
    static FOUND: OnceLock<Result<ActProgram, String>> = OnceLock::new();
    FOUND.get_or_init(ActProgram::find)
}
