//! The executor of our own: the steps of a job one after the other, as GitHub's runner takes them (actions/runner, MIT).
//!
//! Scripts are started in the sandbox. Of actions, those of the repository that consist of steps are followed, and for
//! well-known ones something on this machine stands in; any other one is not available, and the entry with it.

mod artifacts;
mod behind;
mod checkout;
mod command_files;
mod composite;
mod defaults;
mod found_files;
mod job_run;
mod offline;
mod ready_script;
mod scope;
mod script;
mod shell;
mod side_by_side;
mod stand_ins;
mod step;
mod steps_executor;
mod submodules;
mod tool_outputs;
mod trouble;
mod variables;

pub(super) use job_run::USUAL_MINUTES;
pub(super) use step::written_name;
pub use steps_executor::StepsExecutor;
pub(super) use variables::{OFFLINE, payload};
