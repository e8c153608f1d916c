//! `lockgate approve`: shows what a gate asks to approve, and events the approval of exactly that.

use std::path::PathBuf;

use clap::Args;

use super::command::Commands;
use super::drive::continue_with;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::control::{Home, Opened, approver};
use crate::ids::{Digest, Login, StepName};
use crate::input::suggest;
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::Step;
use crate::run::{Event, StepStatus};
use crate::steps::{Approvals, Question, QuestionKind, gate_shown};
use crate::wording::counted;

/// Approves what a gate shows, by its digest. The approval lapses when what it was given for changes.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate approve ready                  (only shows it)\n  lockgate approve ready --as mara\n  lockgate approve release-day --as ines --digest 3f9a2c\n\n\
    The digest stands in what `lockgate run` and `lockgate status` print. With `--digest` the approval is refused if \
    the gate shows something else by now."
)]
pub(super) struct Arguments {
    /// The gate: `ready` or `release-day`.
    gate: String,
    /// Your name on GitHub; it must stand among the release's approvers. Without it, nothing is recorded.
    #[arg(long = "as", value_name = "NAME")]
    name: Option<Login>,
    /// What you have read, by the beginning of its digest.
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// The release: its directory, or a kept rehearsal.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let home = Home::find(&self.dir);
        let mut opened = home.open()?;
        let gate = self.gate_of(&opened)?;
        let Some(name) = &self.name else {
            let (digest, _) = show(&opened, &gate)?;
            let approve = NextAction::Approve { gate: self.gate.clone(), digest };
            terminal::out(format!("approve it with: {}", Commands::of(&opened).word(&approve)));
            return Ok(Exit::Waiting);
        };
        let _lock = home.lock()?;
        let name = &approver(&opened.plan.inputs, name)?;
        let (digest, missing) = show(&opened, &gate)?;
        self.check_digest(&digest)?;
        check_first_time(&opened, &gate.name, &digest, name)?;
        let record = Event::Approved { step: gate.name.clone(), digest: digest.clone(), by: name.clone() };
        opened.record(record)?;
        terminal::out(format!("{name} approved gate {} at digest {digest}", self.gate));
        match missing.saturating_sub(1) {
            0 => terminal::out(continue_with(&opened)),
            more => terminal::out(format!("{} needed, from other people", counted(more, "more approval"))),
        }
        Ok(Exit::Done)
    }

    fn gate_of(&self, opened: &Opened) -> Result<Step, Problem> {
        let gates = || opened.plan.of_kind(StepKind::Gate);
        let found = gates()
            .find(|step| step.asks.as_deref() == Some(self.gate.as_str()) || step.name.as_str() == self.gate);
        found.cloned().ok_or_else(|| {
            Problem::input(
                format!("the plan has no gate `{}`", self.gate),
                suggest(&self.gate, gates().filter_map(|step| step.asks.as_deref())),
            )
        })
    }

    fn check_digest(&self, digest: &Digest) -> Result<(), Problem> {
        match &self.digest {
            Some(read) if !digest.as_str().starts_with(read.as_str()) || read.len() < 6 => {
                Err(Problem::input(
                    format!("you have read `{read}`, but the gate shows {digest}"),
                    "read what is shown above, then approve it by the first six characters of its digest or more",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Prints what the gate shows. A gate that is not asked yet cannot be approved (EN-10).
fn show(opened: &Opened, gate: &Step) -> Result<(Digest, usize), Problem> {
    match opened.state.status(&gate.name) {
        StepStatus::Asked(question @ Question { kind: QuestionKind::Approval { digest, missing }, .. }) => {
            let name = gate.asks.as_deref().unwrap_or_default();
            // What is approved is what was shown, so it is shown here, in full, every time.
            terminal::out(gate_shown(&opened.plan, &opened.state.facts, name));
            terminal::out(terminal::indented(&question.text));
            terminal::out(format!("digest {digest}"));
            Ok((digest.clone(), *missing))
        }
        StepStatus::Done => Err(Problem::input(
            format!("the gate `{}` was passed already", gate.name),
            Advice::then("to see what is next", NextAction::ShowStatus),
        )),
        _ => {
            let open: Vec<&str> = opened
                .plan
                .after(&gate.name)
                .filter(|before| !opened.state.is_done(&before.name))
                .map(|before| before.name.as_str())
                .collect();
            let hint = if open.is_empty() {
                "to continue up to the gate".to_owned()
            } else {
                format!("it waits for {}; to continue", some(&open))
            };
            let hint = Advice::then(hint, NextAction::Resume);
            Err(Problem::input(format!("the gate `{}` is not open for approval yet", gate.name), hint))
        }
    }
}

/// Two approvals are of two people (EN-12).
fn check_first_time(opened: &Opened, gate: &StepName, digest: &Digest, name: &Login) -> Result<(), Problem> {
    if Approvals::of(&opened.plan.inputs, &opened.state.facts, gate, digest).given.contains(name) {
        return Err(Problem::input(
            format!("{name} has approved this digest already"),
            Advice::then(
                "another person must give the next approval; if none is needed any more",
                NextAction::Resume,
            ),
        ));
    }
    Ok(())
}

/// A few of a list, and how many more there are.
pub(super) fn some(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
