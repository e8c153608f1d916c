//! `lockgate abort`: calls the release off, says what was done and how each of it is undone, and takes back what nobody has seen.

use std::io::IsTerminal as _;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;

use super::answer::Answer;
use super::command::Commands;
use super::drive::{decide, judged};
use super::effects::Effects;
use super::exit::Exit;
use super::place::PlaceArgument;
use super::problem::Problem;
use super::undo::take_back;
use super::{completing, identity, terminal, written};
use crate::control::{DecisionRequest, Home, Opened};
use crate::ids::Login;
use crate::next_action::NextAction;

/// Calls the release off. What was done is listed first, public things first; then it asks, or wants `--yes`. Nothing is undone
/// by itself: `--undo` takes back what is on the private side, and says how the rest is undone.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate abort      (lists what was done and would be left, and changes nothing)\n  \
        lockgate abort --as mara --reason 'the fix breaks the 2.x line' --yes\n  lockgate abort --undo\n\n\
        `lockgate run` starts the release again then: it takes over what is there, and sends no second advance mail."
)]
pub(super) struct AbortCommand {
    /// Your name on GitHub.
    #[arg(long = "as", value_name = "NAME", value_parser = written::person, requires = "reason", add = ArgValueCandidates::new(completing::people))]
    name: Option<Login>,
    /// Why, in a sentence.
    #[arg(long, value_name = "WHY", value_parser = written::reason, requires = "name")]
    reason: Option<String>,
    /// Call it off without asking: you know what it leaves.
    #[arg(long, requires = "name")]
    yes: bool,
    /// Of a release that was called off: take back what is on the private side, the latest first.
    #[arg(long, conflicts_with_all = ["name", "yes"])]
    undo: bool,
    #[command(flatten)]
    pub(super) place: PlaceArgument,
}

impl AbortCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        if self.undo {
            return take_back(&home).await;
        }
        let opened = home.open()?;
        if opened.state.finished {
            return Err(Problem::input(
                "the release is finished; there is nothing to call off",
                NextAction::ShowStatus,
            ));
        }
        let (Some(name), Some(reason)) = (&self.name, &self.reason) else { return show(&opened) };
        let request = DecisionRequest::Abort { who: name.clone(), reason: reason.clone() };
        judged(&opened, &request)?;
        if !self.yes {
            let effects = Effects::of(&opened)?;
            if !is_meant(&effects) {
                let command = Commands::of(&opened).call_off(name, reason);
                let answer = Answer::new(Exit::Waiting, effects.would_be_left()).and(effects.told());
                let told = format!("nothing is changed yet; to call it off: {command}");
                return answer.and(told).prose().next([command]).with(&effects.data());
            }
        }
        identity::check_if_possible(&opened, name).await?;
        drop(opened);
        decide(&home, &request)?;
        show(&home.open()?)
    }
}

/// Asks the person at the terminal, who is shown first what would be left. Where nobody sits, it is not meant.
fn is_meant(effects: &Effects) -> bool {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() || terminal::is_for_programs() {
        return false;
    }
    terminal::complain(effects.would_be_left());
    terminal::complain(effects.told());
    terminal::complain("call the release off? Type `yes`:");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && answer.trim().eq_ignore_ascii_case("yes")
}

/// What was done, before or after the release is called off.
fn show(opened: &Opened) -> Result<Answer, Problem> {
    let (commands, effects) = (Commands::of(opened), Effects::of(opened)?);
    let answer = match &opened.state.aborted {
        Some(reason) => effects.called_off(reason, &commands),
        None => {
            let abort = commands.word(&NextAction::Abort);
            Answer::done(effects.would_be_left())
                .and(effects.told())
                .and(format!("to call it off: {abort}"))
                .next([abort])
        }
    };
    answer.prose().with(&effects.data())
}
