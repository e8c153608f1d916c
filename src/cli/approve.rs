//! `lockgate approve`: shows what a gate asks to approve, and records the approval of exactly that.

use clap::Args;
use serde_json::json;

use super::answer::Answer;
use super::command::Commands;
use super::drive::{decide, followed};
use super::exit::Exit;
use super::place::PlaceOption;
use super::problem::Problem;
use super::terminal;
use crate::control::{DecideError, DecisionRequest, Home, OpenGate, Opened, Refusal};
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
        let opened = home.open()?;
        match &self.name {
            Some(name) => self.approve(&opened, name),
            None => self.show(&opened),
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

    fn approve(&self, opened: &Opened, name: &Login) -> Result<Answer, Problem> {
        let gate = opened.decisions().open_gate(&self.gate)?;
        let decided = decide(opened.home(), &self.request(&gate, name)).inspect_err(|error| {
            if matches!(error, DecideError::Refused(refusal) if matches!(**refusal, Refusal::OtherDigest { .. })) {
                self.show_other(opened.home());
            }
        })?;
        let (by, still_missing) = (&decided.ruling.by, decided.ruling.still_missing);
        let told = format!("{by} approved gate {} at digest {}", self.gate, gate.digest);
        let answer = match &self.digest {
            // What is approved is what was shown: it is shown here to whoever does not say what they have read.
            None => Answer::done(self.shown(opened, &gate)).and(told),
            Some(_) => Answer::done(told),
        };
        let data = json!({
            "gate": self.gate, "digest": gate.digest, "by": by, "missing": still_missing,
            "taken_by": decided.taken_by,
        });
        match still_missing {
            0 => followed(answer, opened.home(), &decided)?,
            more => answer.and(format!("{} needed, from other people", counted(more, "more approval"))),
        }
        .with(&data)
    }

    /// Whoever does not say what they have read approves what they are shown, and nothing else.
    fn request(&self, gate: &OpenGate, name: &Login) -> DecisionRequest {
        let read = self.digest.clone().unwrap_or_else(|| gate.digest.to_string());
        DecisionRequest::Approve { gate: self.gate.clone(), who: name.clone(), read }
    }

    /// What the gate shows in place of what was read.
    fn show_other(&self, home: &Home) {
        let shown =
            |opened: &Opened| Some(self.shown(opened, &opened.decisions().open_gate(&self.gate).ok()?));
        if let Some(shown) = home.open().ok().as_ref().and_then(shown) {
            terminal::note(shown);
        }
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
