//! `lockgate log`: the events of a run, readable.

use std::path::PathBuf;

use clap::Args;

use super::command::Commands;
use super::exit::Exit;
use super::problem::Problem;
use super::progress::Waits;
use super::terminal;
use crate::control::Home;
use crate::failure::Effect;
use crate::run::{Completion, Event, Retry, StampedEvent};
use crate::steps::Decision;
use crate::wording::counted;

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
        let mut waits = Waits::default();
        for stamped in &opened.events {
            if self.json {
                terminal::out(serde_json::to_string(stamped)?);
            } else if self.all || !waits.repeats(&stamped.record) {
                terminal::out(line(stamped, &commands));
            }
        }
        Ok(Exit::Done)
    }
}

/// One event in a line; a failure has its hint below.
pub(super) fn line(stamped: &StampedEvent, commands: &Commands) -> String {
    let hint = match &stamped.record {
        Event::Failed { hint, .. } if !hint.is_empty() => format!("\n       hint: {}", commands.hint(hint)),
        _ => String::new(),
    };
    format!("{:>5}  {:.0}  {}{hint}", stamped.number, stamped.at, told(&stamped.record))
}

/// What happened, in words.
pub(super) fn told(record: &Event) -> String {
    match record {
        Event::Started { operator, plan, version } => {
            format!("started by {operator} from plan {} with lockgate {version}", plan.short())
        }
        Event::Resumed { operator } => format!("resumed by {operator}"),
        Event::Intent { step } => format!("{step}: about to act"),
        Event::Done { step, how: Completion::Acted, output } => format!("{step}: {}", output.summary()),
        Event::Done { step, how: Completion::Adopted, output } => {
            format!("{step}: {} (found there)", output.summary())
        }
        Event::Failed { step, message, effect, retry: Some(Retry { attempt, of, at }), .. } => {
            format!("{step}: failed: {message}{}; attempt {attempt} of {of} at {at:.0}", uncertain(*effect))
        }
        Event::Failed { step, message, effect, .. } => {
            format!("{step}: FAILED: {message}{}", uncertain(*effect))
        }
        Event::Waiting { step, wait } => format!("{step}: waits for {} until {:.0}", wait.what, wait.until),
        Event::Asked { step, question } => {
            let first = question.text.lines().next().unwrap_or_default();
            format!("{step}: ASKS: {first}")
        }
        Event::Approved { step, digest, by } => format!("{step}: {by} approved digest {}", digest.short()),
        Event::Decided { step, decision, by } => format!("{step}: {by} {}", decided(decision)),
        Event::Rerun { step } => format!("{step}: red checks are run again"),
        Event::Reopened { moved, steps } => {
            let branches: Vec<String> =
                moved.iter().map(|head| format!("{} {}", head.repo, head.branch)).collect();
            format!("{} moved: {} must be taken again", branches.join(", "), counted(steps.len(), "step"))
        }
        Event::Aborted { by, reason } => format!("called off by {by}: {reason}"),
        Event::Finished => "finished".to_owned(),
    }
}

fn uncertain(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "",
        Effect::Unknown => "; it may have happened all the same",
    }
}

fn decided(decision: &Decision) -> String {
    match decision {
        Decision::Confirmed => "confirmed it".to_owned(),
        Decision::Waived { reason } => format!("waived it: {reason}"),
        Decision::Resolved { commit, proposed } if proposed.is_empty() => {
            format!("resolved the conflict with {}", commit.short())
        }
        Decision::Resolved { commit, proposed } => format!(
            "resolved the conflict with {}, beginning from mergiraf's proposal for {}",
            commit.short(),
            proposed.join(", ")
        ),
    }
}
