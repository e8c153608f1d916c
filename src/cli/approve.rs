//! `lockgate approve`: shows what a gate asks to approve, and records the approval of exactly that.

use std::path::PathBuf;

use clap::Args;

use super::command::Commands;
use super::drive::{continue_with, open_to_decide};
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::control::{Home, NewApproval, OpenGate, Opened};
use crate::ids::Login;
use crate::next_action::NextAction;
use crate::wording::counted;

/// Approves what a gate shows, by its digest. The approval lapses when what it was given for changes.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate approve ready                  (only shows it)\n  lockgate approve ready --as mara\n  lockgate approve release-day --as ines --digest 3f9a2c\n\n\
    `lockgate run` and `lockgate status` print the digest. With `--digest` the approval is refused if the gate shows \
    something else by now."
)]
pub(super) struct ApproveCommand {
    /// The gate: `ready` or `release-day`.
    gate: String,
    /// Your name on GitHub; it must be among the release's approvers. Without it, nothing is recorded.
    #[arg(long = "as", value_name = "NAME")]
    name: Option<Login>,
    /// What you have read, by the beginning of its digest.
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// Show all that the digest is of, every text whole, and not one screen of it.
    #[arg(long)]
    long: bool,
    /// The release: its directory, or a kept rehearsal.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
}

impl ApproveCommand {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let home = Home::find(&self.dir);
        match &self.name {
            Some(name) => {
                let (_lock, mut opened) = open_to_decide(&home)?;
                self.approve(&mut opened, name)
            }
            None => self.show(&home.open()?),
        }
    }

    fn show(&self, opened: &Opened) -> Result<Exit, Problem> {
        let gate = opened.decisions().open_gate(&self.gate)?;
        self.print(opened, &gate);
        let approve = NextAction::Approve { gate: self.gate.clone(), digest: gate.digest };
        terminal::out(format!("approve it with: {}", Commands::of(opened).word(&approve)));
        Ok(Exit::Waiting)
    }

    fn approve(&self, opened: &mut Opened, name: &Login) -> Result<Exit, Problem> {
        let decisions = opened.decisions();
        let gate = decisions.open_gate(&self.gate)?;
        // What is approved is what was shown: it is shown here to whoever does not say what they have read.
        if self.digest.is_none() {
            self.print(opened, &gate);
        }
        let NewApproval { event, by, still_missing } =
            decisions.approve(&gate, name, self.digest.as_deref())?;
        opened.record(event)?;
        terminal::out(format!("{by} approved gate {} at digest {}", self.gate, gate.digest));
        terminal::out(match still_missing {
            0 => continue_with(opened),
            more => format!("{} needed, from other people", counted(more, "more approval")),
        });
        Ok(Exit::Done)
    }

    fn print(&self, opened: &Opened, gate: &OpenGate) {
        if self.long {
            terminal::out(&gate.shown);
        } else {
            terminal::out(&gate.summary);
            let commands = Commands::of(opened);
            terminal::out(format!("  all of it: {}", commands.long(&self.gate)));
            let kinds = "mail|advisory|pull|notes|diff|range-diff|record";
            terminal::out(format!("  one of it: {}", commands.show(kinds)));
        }
        terminal::out(terminal::indented(&gate.question));
        terminal::out(format!("digest {}", gate.digest));
    }
}
