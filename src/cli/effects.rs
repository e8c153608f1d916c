//! What a release has done outside of this machine, in words and for programs, each with how it is undone.

use serde_json::{Value, json};

use super::answer::Answer;
use super::command::{Commands, quoted};
use crate::control::Opened;
use crate::kinds::{Undo, Visibility};
use crate::next_action::NextAction;
use crate::report::{Account, LastingEffect};
use crate::steps::Output;

/// What a release has done outside of this machine.
pub(super) struct Effects<'a> {
    opened: &'a Opened,
    account: Account,
}

impl<'a> Effects<'a> {
    /// Those of a run.
    pub(super) fn of(opened: &'a Opened) -> Effects<'a> {
        Effects { opened, account: Account::of(&opened.plan, &opened.state, &opened.events) }
    }

    /// What calling it off would leave.
    pub(super) fn would_be_left(&self) -> String {
        let release = &self.opened.plan.inputs.release.id;
        format!("the release `{release}` is under way; calling it off would leave:")
    }

    /// In words.
    pub(super) fn told(&self) -> String {
        told(&self.account)
    }

    /// What is left of a release that was called off, and what can be done about it.
    pub(super) fn called_off(&self, reason: &str, commands: &Commands) -> Answer {
        let release = &self.opened.plan.inputs.release.id;
        let (undo, start) = (commands.undo(), commands.word(&NextAction::Start));
        Answer::done(format!("the release `{release}` was called off: {reason}"))
            .and(self.told())
            .and(format!(
                "to take back what is on the private side: {undo}\nto start it again, with what is there: {start}"
            ))
            .next([undo, start])
    }

    /// The same for programs.
    pub(super) fn data(&self) -> Value {
        let effects = self.account.effects.iter().map(|effect| {
            let LastingEffect { step, what, visibility, .. } = effect;
            json!({ "step": step, "what": what, "visibility": visibility, "commands": how(effect) })
        });
        let effects: Vec<Value> = effects.collect();
        let left = json!({ "uncertain": self.account.uncertain, "effects": effects });
        json!({ "called_off": self.opened.state.aborted, "left": left })
    }
}

/// The account in words: what everybody can see first.
fn told(account: &Account) -> String {
    if account.uncertain.is_empty() && account.effects.is_empty() {
        return "nothing is left outside of this machine".to_owned();
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
    let commands: String = how(effect).iter().map(|command| format!("           {command}\n")).collect();
    format!("{seen}  {}: {}\n         {undo}\n{commands}", effect.step, effect.what)
}

/// The commands that undo something, or the page where that is done.
fn how(effect: &LastingEffect) -> Vec<String> {
    match &effect.output {
        Output::Pull(pull) => {
            vec![format!("gh pr close {} --repo {} --delete-branch", pull.number, pull.repo)]
        }
        Output::Ref(pushed) => {
            vec![format!(
                "gh api --method DELETE {}",
                quoted(&format!("repos/{}/git/refs/heads/{}", pushed.repo, pushed.branch))
            )]
        }
        Output::Repository(fork) => vec![format!("gh repo delete {fork} --yes")],
        Output::Advisory(advisory) => vec![advisory.url.clone()],
        Output::Mail(mail) => vec![format!("write to {}", mail.to.join(", "))],
        Output::Merged(merged) => vec![format!("git revert --mainline 1 {}", merged.commit)],
        Output::Released(released) => vec![released.url.clone()],
        _ => Vec::new(),
    }
}
