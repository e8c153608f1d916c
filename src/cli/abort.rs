//! `lockgate abort`: calls the release off, and says what was done and how each of it is undone.

use std::path::PathBuf;

use clap::Args;

use super::drive::open_to_decide;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::control::{Home, Opened};
use crate::ids::Login;
use crate::kinds::{Undo, Visibility};
use crate::next_action::NextAction;
use crate::plan::{Plan, Step};
use crate::run::{Completion, Event, StampedEvent};
use crate::steps::Output;

/// Calls the release off. Nothing is undone by itself: what was done is listed, public things first.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate abort --as mara --reason 'the fix breaks the 2.x line'\n  lockgate abort      (lists again what was done)"
)]
pub(super) struct AbortCommand {
    /// Your name on GitHub.
    #[arg(long = "as", value_name = "NAME", requires = "reason")]
    name: Option<Login>,
    /// Why, in a sentence.
    #[arg(long, value_name = "WHY", requires = "name")]
    reason: Option<String>,
    /// The release: its directory, or a kept rehearsal.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
}

impl AbortCommand {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let home = Home::find(&self.dir);
        let (_lock, mut opened) = open_to_decide(&home)?;
        // To list again what was done needs neither name nor reason.
        if opened.state.aborted.is_none() {
            let event = self.decision(&opened)?;
            opened.record(event)?;
        }
        let reason = opened.state.aborted.as_deref().unwrap_or_default();
        terminal::out(format!("the release `{}` was called off: {reason}", opened.plan.inputs.release.id));
        terminal::out(account(&opened));
        Ok(Exit::Done)
    }

    fn decision(&self, opened: &Opened) -> Result<Event, Problem> {
        let (Some(name), Some(reason)) = (&self.name, &self.reason) else {
            return Err(Problem::input("calling off a release needs a name and a reason", NextAction::Abort));
        };
        Ok(opened.decisions().abort(name, reason)?)
    }
}

/// One effect that stands in the world.
struct Done<'a> {
    step: &'a Step,
    output: &'a Output,
}

fn account(opened: &Opened) -> String {
    let mut done = effects(&opened.plan, &opened.events);
    if done.is_empty() {
        return "nothing was done outside of this machine".to_owned();
    }
    // What everybody sees comes first; within that, what was done last is undone first.
    done.reverse();
    done.sort_by_key(|done| match done.step.kind.visibility() {
        Visibility::Public => 0,
        Visibility::Guarded => 1,
        Visibility::Private => 2,
        Visibility::Local => 3,
    });
    let unknown = opened.plan.steps().filter(|step| {
        opened.state.begun(&step.name) == crate::steps::Begun::Yes
            && step.kind.visibility() != Visibility::Local
    });
    let mut text = String::new();
    for step in unknown {
        text +=
            &format!("UNKNOWN  {}\n         begun and not finished: look whether it is there\n", step.name);
    }
    for done in done {
        let seen = match done.step.kind.visibility() {
            Visibility::Public | Visibility::Guarded => "PUBLIC ",
            Visibility::Private | Visibility::Local => "private",
        };
        text += &format!("{seen}  {}: {}\n", done.step.name, done.output.summary());
        text += &match done.step.kind.undo() {
            Undo::Nothing => "         leaves nothing to undo\n".to_owned(),
            Undo::Possible(how) => format!("         undo: {how}\n"),
            Undo::Impossible(left) => format!("         CANNOT BE UNDONE: {left}\n"),
        };
    }
    text
}

/// What Lockgate did outside of this machine and was not taken back by a later look, in order.
fn effects<'a>(plan: &'a Plan, events: &'a [StampedEvent]) -> Vec<Done<'a>> {
    events
        .iter()
        .filter_map(|stamped| match &stamped.record {
            Event::Done { step, how: Completion::Acted, output } => {
                Some(Done { step: plan.step(step)?, output })
            }
            _ => None,
        })
        .filter(|done| done.step.kind.visibility() != Visibility::Local)
        .filter(|done| !matches!(done.output, Output::Skipped(_)))
        .collect()
}
