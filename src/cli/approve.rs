//! `lockgate approve`: shows what a gate asks to approve, and records the approval of exactly that.

use clap::Args;
use serde_json::json;

use super::answer::Answer;
use super::command::Commands;
use super::drive::{continued, open_to_decide};
use super::exit::Exit;
use super::place::PlaceOption;
use super::problem::Problem;
use super::terminal;
use crate::control::{Home, NewApproval, OpenGate, Opened, Refusal};
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
    #[command(flatten)]
    pub(super) place: PlaceOption,
}

impl ApproveCommand {
    pub(super) fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        match &self.name {
            Some(name) => {
                let (_lock, mut opened) = open_to_decide(&home)?;
                self.approve(&mut opened, name)
            }
            None => self.show(&home.open()?),
        }
    }

    fn show(&self, opened: &Opened) -> Result<Answer, Problem> {
        let gate = opened.decisions().open_gate(&self.gate)?;
        let approve = NextAction::Approve { gate: self.gate.clone(), digest: gate.digest.clone() };
        let approve = Commands::of(opened).word(&approve);
        let shown = Answer::new(Exit::Waiting, self.shown(opened, &gate));
        let data = json!({
            "gate": self.gate,
            "digest": gate.digest,
            "missing": gate.missing,
            "question": gate.question,
            "summary": gate.summary,
            "shown": gate.shown,
        });
        shown.and(format!("approve it with: {approve}")).next([approve]).with(&data)
    }

    fn approve(&self, opened: &mut Opened, name: &Login) -> Result<Answer, Problem> {
        let decisions = opened.decisions();
        let gate = decisions.open_gate(&self.gate)?;
        let NewApproval { event, by, still_missing } =
            decisions.approve(&gate, name, self.digest.as_deref()).inspect_err(|refusal| {
                if matches!(refusal, Refusal::OtherDigest { .. }) {
                    terminal::note(self.shown(opened, &gate));
                }
            })?;
        opened.record(event)?;
        let told = format!("{by} approved gate {} at digest {}", self.gate, gate.digest);
        let answer = match &self.digest {
            // What is approved is what was shown: it is shown here to whoever does not say what they have read.
            None => Answer::done(self.shown(opened, &gate)).and(told),
            Some(_) => Answer::done(told),
        };
        let data = json!({ "gate": self.gate, "digest": gate.digest, "by": by, "missing": still_missing });
        match still_missing {
            0 => continued(answer, opened),
            more => answer.and(format!("{} needed, from other people", counted(more, "more approval"))),
        }
        .with(&data)
    }

    fn shown(&self, opened: &Opened, gate: &OpenGate) -> String {
        let asked = format!("{}digest {}", terminal::indented(&gate.question), gate.digest);
        if self.long {
            return format!("{}\n{asked}", gate.shown);
        }
        let commands = Commands::of(opened);
        let kinds = "mail|advisory|pull|notes|diff|range-diff|record";
        format!(
            "{}\n  all of it: {}\n  one of it: {}\n{asked}",
            gate.summary.trim_end_matches('\n'),
            commands.long(&self.gate),
            commands.show(kinds)
        )
    }
}
