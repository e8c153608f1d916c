//! `lockgate abort`: calls the release off, and says what was done and how each of it is undone.

use clap::Args;
use serde_json::json;

use super::answer::Answer;
use super::command::Commands;
use super::drive::{decide, judged};
use super::identity;
use super::place::PlaceArgument;
use super::problem::Problem;
use crate::control::{DecisionRequest, Home, Opened};
use crate::ids::Login;
use crate::kinds::{Undo, Visibility};
use crate::next_action::NextAction;
use crate::report::{Account, LastingEffect};

/// Calls the release off. Nothing is undone by itself: what was done is listed, public things first. Without a name, only the
/// list is shown.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate abort      (lists what was done and would be left, and changes nothing)\n  \
        lockgate abort --as mara --reason 'the fix breaks the 2.x line'"
)]
pub(super) struct AbortCommand {
    /// Your name on GitHub.
    #[arg(long = "as", value_name = "NAME", requires = "reason")]
    name: Option<Login>,
    /// Why, in a sentence.
    #[arg(long, value_name = "WHY", requires = "name")]
    reason: Option<String>,
    #[command(flatten)]
    pub(super) place: PlaceArgument,
}

impl AbortCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        let (Some(name), Some(reason)) = (&self.name, &self.reason) else { return show(&home.open()?) };
        let opened = home.open()?;
        let request = DecisionRequest::Abort { who: name.clone(), reason: reason.clone() };
        judged(&opened, &request)?;
        identity::check_if_possible(&opened, name).await?;
        decide(&home, &request)?;
        show(&home.open()?)
    }
}

/// What was done, before or after the release is called off.
fn show(opened: &Opened) -> Result<Answer, Problem> {
    let release = &opened.plan.inputs.release.id;
    let account = Account::of(&opened.plan, &opened.state, &opened.events);
    let reason = &opened.state.aborted;
    let answer = if let Some(reason) = reason {
        Answer::done(format!("the release `{release}` was called off: {reason}")).and(told(&account))
    } else {
        let abort = Commands::of(opened).word(&NextAction::Abort);
        Answer::done(format!("the release `{release}` is under way; calling it off would leave:"))
            .and(told(&account))
            .and(format!("to call it off: {abort}"))
            .next([abort])
    };
    answer.with(&json!({ "called_off": reason, "left": account }))
}

/// The account in words: what everybody can see first.
fn told(account: &Account) -> String {
    if account.uncertain.is_empty() && account.effects.is_empty() {
        return "nothing was done outside of this machine".to_owned();
    }
    let uncertain = account
        .uncertain
        .iter()
        .map(|step| format!("UNKNOWN  {step}\n         begun and not finished: look whether it is there\n"));
    uncertain.chain(account.effects.iter().map(effect)).collect()
}

fn effect(effect: &LastingEffect) -> String {
    let seen = match effect.visibility {
        Visibility::Public | Visibility::Guarded => "PUBLIC ",
        Visibility::Private | Visibility::Local => "private",
    };
    let undo = match effect.undo {
        Undo::Nothing => "leaves nothing to undo".to_owned(),
        Undo::Possible(how) => format!("undo: {how}"),
        Undo::Impossible(left) => format!("CANNOT BE UNDONE: {left}"),
    };
    format!("{seen}  {}: {}\n         {undo}\n", effect.step, effect.what)
}
