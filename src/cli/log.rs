//! `lockgate log`: the events of a run, readable.

use clap::Args;

use super::answer::Answer;
use super::command::Commands;
use super::place::PlaceArgument;
use super::problem::Problem;
use crate::control::Home;
use crate::report::{History, HistoryEntry, Weight};

/// Prints what happened, in order, with the time of the run's own clock.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate log\n  lockgate log --dir OUT --json | jq '.result[] | select(.record.fact == \"failed\")'"
)]
pub(super) struct LogCommand {
    #[command(flatten)]
    pub(super) place: PlaceArgument,
    /// Also every look in vain at something that is waited for.
    #[arg(long)]
    all: bool,
}

impl LogCommand {
    pub(super) fn run(&self) -> Result<Answer, Problem> {
        let opened = Home::find(self.place.path()).open()?;
        let commands = Commands::of(&opened);
        let mut history = History::default();
        let entries = opened.events.iter().map(|stamped| history.entry(stamped));
        let told = entries.filter(|entry| self.all || entry.weight != Weight::Repeated);
        let lines: Vec<String> = told.map(|entry| line(&entry, &commands)).collect();
        Answer::done(lines.join("\n")).prose().with(&opened.events)
    }
}

/// One event in a line; a failure has its hint below.
pub(super) fn line(entry: &HistoryEntry, commands: &Commands) -> String {
    let HistoryEntry { number, at, what, hint, .. } = entry;
    let hint =
        if hint.is_empty() { String::new() } else { format!("\n       hint: {}", commands.hint(hint)) };
    format!("{number:>5}  {at:.0}  {what}{hint}")
}
