//! A script with everything that it is started with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::Notify;

use super::command_files::CommandFiles;
use crate::jobs::{CommandRoom, JobOutcome, RoomCommand};
use crate::runner::executor::StepDeed;

/// A script that is ready to be started.
pub(super) struct ReadyScript {
    pub(super) argv: Vec<String>,
    pub(super) folder: PathBuf,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) files: CommandFiles,
    pub(super) limit: Duration,
    /// Whether nothing stands in it: then it does nothing, and proves nothing.
    pub(super) is_blank: bool,
}

impl ReadyScript {
    /// What running it amounts to.
    pub(super) fn deed(&self) -> (StepDeed, &'static str) {
        if self.is_blank { (StepDeed::Nothing, "an empty script") } else { (StepDeed::Script, "") }
    }

    /// Runs it in a room. How it ended, and the outputs that it printed.
    pub(super) async fn run(
        &self,
        room: &CommandRoom,
        network: bool,
        stop: Option<&Notify>,
    ) -> (JobOutcome, Vec<(String, String)>) {
        let command = RoomCommand {
            argv: &self.argv,
            folder: &self.folder,
            environment: &self.variables,
            network,
            limit: self.limit,
            stop,
        };
        room.run_heard(command).await
    }
}
