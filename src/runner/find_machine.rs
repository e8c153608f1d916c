//! The machine is asked what it is inside a sandbox like that of the entry: what it is outside says nothing. It is asked once:
//! all entries that a process runs are run on the same one.

use std::collections::BTreeMap;
use std::time::Duration;

use super::executor::{AttemptOrder, FoundMachine};
use crate::jobs::{JobOutcome, RoomCommand};

/// How long a machine may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the machine says that it is; or why it does not.
pub(super) async fn find_machine(order: &AttemptOrder<'_>) -> Result<FoundMachine, String> {
    let said = order.room.machine(|| asked(order)).await?;
    Ok(FoundMachine::of(said))
}

async fn asked(order: &AttemptOrder<'_>) -> Result<String, String> {
    let answer = order.workspace.commands().join("machine");
    let argv = ["sh", "-c", "uname -s -m > \"$1\"", "sh", &answer.to_string_lossy()].map(str::to_owned);
    let command = RoomCommand {
        argv: &argv,
        folder: order.workspace.root(),
        environment: &BTreeMap::new(),
        network: false,
        limit: PATIENCE,
        stop: None,
    };
    match order.room.run(command).await {
        JobOutcome::Passed => {
            std::fs::read_to_string(answer).map_err(|error| format!("the disk refuses: {error}"))
        }
        other => Err(format!("the machine does not say what it is: it {other}")),
    }
}
