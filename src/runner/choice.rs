//! Which executor runs entries on this machine, and what this machine can do with it.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::act::{ActExecutor, ActProgram};
use super::executor::EntryExecutor;
use super::steps::StepsExecutor;
use super::this_machine::this_machine;
use crate::matrix::{Actions, Capabilities};

/// What an entry needs where no worker can run it by what it is to be run by.
const A_WORKER_WITH: &str = "a worker with ";

/// What runs entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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

    /// A machine of somebody else as the planner sees it, which says of itself what it is, and which `act` it has.
    #[must_use]
    pub fn elsewhere<'m>(self, machine: &'m Capabilities, act: Option<&str>) -> Cow<'m, Capabilities> {
        match self {
            ExecutorChoice::Steps => Cow::Borrowed(machine),
            ExecutorChoice::Act => {
                let missing = act.is_none().then(|| format!("{A_WORKER_WITH}{}", ActProgram::WANTED));
                Cow::Owned(Capabilities { actions: Actions::ByAct(missing), ..machine.clone() })
            }
        }
    }

    /// Whether evidence that names this executor is what was asked for.
    #[must_use]
    pub fn is_meant(self, name: &str) -> bool {
        match self {
            ExecutorChoice::Steps => name == "steps",
            ExecutorChoice::Act => name == "act" || name.starts_with("act "),
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

/// Said of an entry that needs this, if it is what no worker has.
#[must_use]
pub fn no_worker_with(needed: &str) -> Option<String> {
    needed.strip_prefix(A_WORKER_WITH).map(|what| format!("no worker with {what}"))
}

/// The `act` of this machine, as it stands in the evidence.
#[must_use]
pub fn act_of_this_machine() -> Option<String> {
    act().as_ref().ok().map(ActProgram::name)
}

/// Looked for once: what is installed while Lockgate runs counts for the next run.
fn act() -> &'static Result<ActProgram, String> {
    static FOUND: OnceLock<Result<ActProgram, String>> = OnceLock::new();
    FOUND.get_or_init(ActProgram::find)
}
