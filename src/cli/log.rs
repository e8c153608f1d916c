//! `lockgate log`: the events of a run, readable.

use std::path::PathBuf;

use clap::Args;

use super::command::Commands;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::control::Home;
use crate::report::{History, HistoryEntry, Weight};

/// Prints what happened, in order, with the time of the run's own clock.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate log\n  lockgate log OUT --json | jq 'select(.record.fact == \"failed\")'"
)]
pub(super) struct LogCommand {
    /// The release: its directory, or a kept rehearsal.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// Also every look in vain at something that is waited for.
    #[arg(long)]
    all: bool,
    /// One JSON object a line, as the journal has it.
    #[arg(long)]
    json: bool,
}

impl LogCommand {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let opened = Home::find(&self.dir).open()?;
        let commands = Commands::of(&opened);
        let mut history = History::default();
        for stamped in &opened.events {
            let entry = history.entry(stamped);
            if self.json {
                terminal::out(serde_json::to_string(stamped)?);
            } else if self.all || entry.weight != Weight::Repeated {
                terminal::out(line(&entry, &commands));
            }
        }
        Ok(Exit::Done)
    }
}

/// One event in a line; a failure has its hint below.
pub(super) fn line(entry: &HistoryEntry, commands: &Commands) -> String {
    let HistoryEntry { number, at, what, hint, .. } = entry;
    let hint =
        if hint.is_empty() { String::new() } else { format!("\n       hint: {}", commands.hint(hint)) };
    format!("{number:>5}  {at:.0}  {what}{hint}")
}
