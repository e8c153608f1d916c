//! What a release has done outside of this machine, in words and for programs, each with how it is undone.

use serde_json::{Value, json};

use super::answer::Answer;
use super::command::Commands;
use crate::by_hand;
use crate::control::{EarlierRun, HomeKind, Opened};
use crate::ids::{CommitId, RepoName};
use crate::kinds::{Undo, Visibility};
use crate::merge_rules::MergeMethod;
use crate::next_action::{Advice, NextAction};
use crate::plan::Plan;
use crate::report::{Account, LastingEffect};
use crate::run::{JournalError, State};
use crate::steps::{OpenedPull, Output, can_be_taken_back, merged_pulls};

/// What a release has done outside of this machine: by this run, and by those in whose place it was started.
pub(super) struct Effects<'a> {
    opened: &'a Opened,
    account: Account,
    earlier: Vec<EarlierRun>,
}

/// What one run did.
struct Part<'p> {
    plan: &'p Plan,
    state: &'p State,
    account: &'p Account,
}

impl<'a> Effects<'a> {
    /// Those of a release.
    ///
    /// # Errors
    /// When the journal of an earlier run cannot be used.
    pub(super) fn of(opened: &'a Opened) -> Result<Effects<'a>, JournalError> {
        let account = Account::of(&opened.plan, &opened.state, &opened.events);
        Ok(Effects { opened, account, earlier: opened.earlier_runs()? })
    }

    fn now(&self) -> Part<'_> {
        Part { plan: &self.opened.plan, state: &self.opened.state, account: &self.account }
    }

    fn before(&self) -> impl Iterator<Item = Part<'_>> {
        let parts = self.earlier.iter();
        let parts = parts.map(|run| Part { plan: &run.plan, state: &run.state, account: &run.account });
        parts.filter(|part| !part.is_empty())
    }

    /// What calling it off would leave.
    pub(super) fn would_be_left(&self) -> String {
        let release = &self.opened.plan.inputs.release.id;
        format!("the release `{release}` is under way; calling it off would leave:")
    }

    /// In words.
    pub(super) fn told(&self) -> String {
        let now = self.now();
        if now.is_empty() && self.before().next().is_none() {
            return "nothing is left outside of this machine".to_owned();
        }
        let before =
            self.before().map(|part| format!("left by the run that was called off before:\n{}", part.told()));
        [now.told()].into_iter().chain(before).collect()
    }

    /// What is left of a release that was called off, and what can be done about it.
    pub(super) fn called_off(&self, reason: &str, commands: &Commands) -> Answer {
        let release = &self.opened.plan.inputs.release.id;
        let start = commands.word(&NextAction::Start);
        let again = commands.told(&start_again(self.opened));
        let told = Answer::done(format!("the release `{release}` was called off: {reason}")).and(self.told());
        if !self.before().chain([self.now()]).any(|part| part.can_be_taken_back()) {
            return told.and(again).next([start]);
        }
        let undo = commands.undo();
        told.and(format!("to take back what is on the private side: {undo}\n{again}")).next([undo, start])
    }

    /// The same for programs.
    pub(super) fn data(&self) -> Value {
        let mut effects = self.now().data(false);
        effects.extend(self.before().flat_map(|part| part.data(true)));
        let uncertain =
            [self.now()].into_iter().chain(self.before()).flat_map(|part| &part.account.uncertain);
        let left = json!({ "uncertain": uncertain.collect::<Vec<_>>(), "effects": effects });
        json!({ "called_off": self.opened.state.aborted, "left": left })
    }
}

impl Part<'_> {
    fn is_empty(&self) -> bool {
        self.account.uncertain.is_empty() && self.account.effects.is_empty()
    }

    fn told(&self) -> String {
        let uncertain = self.account.uncertain.iter().map(|step| {
            format!("UNKNOWN  {step}\n         begun and not finished: look whether it is there\n")
        });
        uncertain.chain(self.account.effects.iter().map(|effect| self.effect(effect))).collect()
    }

    fn data(&self, is_earlier: bool) -> Vec<Value> {
        let effects = self.account.effects.iter().map(|effect| {
            let LastingEffect { step, what, visibility, .. } = effect;
            let mut told = json!({
                "step": step, "what": what, "visibility": visibility, "commands": self.undone(effect).1,
            });
            if is_earlier {
                told["by_an_earlier_run"] = json!(true);
            }
            told
        });
        effects.collect()
    }

    fn effect(&self, effect: &LastingEffect) -> String {
        let seen = match effect.visibility {
            Visibility::Public | Visibility::Guarded => "PUBLIC ",
            Visibility::Private | Visibility::Local => "private",
        };
        let (undo, commands) = self.undone(effect);
        let commands: String = commands.iter().map(|command| format!("           {command}\n")).collect();
        format!("{seen}  {}: {}\n         {undo}\n{commands}", effect.step, effect.what)
    }

    /// Whether `abort --undo` has something to do.
    fn can_be_taken_back(&self) -> bool {
        self.account.effects.iter().any(|effect| can_be_taken_back(effect.kind, &effect.output))
    }

    /// What it takes to undo it, and the commands.
    fn undone(&self, effect: &LastingEffect) -> (String, Vec<String>) {
        if let Output::Pull(pull) = &effect.output
            && self.is_merged(effect, pull)
        {
            let why = "it is merged, and only its branch is left to delete".to_owned();
            return (format!("undo: {why}"), self.deletion(pull).into_iter().collect());
        }
        let undo = match effect.undo {
            Undo::Nothing => "leaves nothing to undo".to_owned(),
            Undo::Possible(how) => format!("undo: {how}"),
            Undo::Impossible(left) => format!("CANNOT BE UNDONE: {left}"),
        };
        (undo, self.how(effect))
    }

    fn is_merged(&self, effect: &LastingEffect, pull: &OpenedPull) -> bool {
        let step = self.plan.step(&effect.step);
        step.is_some_and(|step| merged_pulls(&self.state.facts, &step.subject).contains(&pull))
    }

    /// The repository in which the branch of a pull request is.
    fn home<'b>(&'b self, pull: &'b OpenedPull) -> &'b RepoName {
        self.plan.inputs.home_of(&pull.repo)
    }

    /// The command that deletes the branch of a pull request, unless that of its push is told.
    fn deletion(&self, pull: &OpenedPull) -> Option<String> {
        let home = self.home(pull);
        let is_told = |effect: &LastingEffect| match &effect.output {
            Output::Ref(pushed) => pushed.repo == *home && pushed.branch == pull.branch,
            _ => false,
        };
        (!self.account.effects.iter().any(is_told)).then(|| by_hand::delete_branch(home, &pull.branch))
    }

    /// The commands that undo something, or the page where that is done.
    fn how(&self, effect: &LastingEffect) -> Vec<String> {
        match &effect.output {
            Output::Pull(pull) => {
                let close = by_hand::close(&pull.repo, pull.number);
                vec![if self.deletion(pull).is_some() { format!("{close} --delete-branch") } else { close }]
            }
            Output::Ref(pushed) => vec![by_hand::delete_branch(&pushed.repo, &pushed.branch)],
            Output::Repository(fork) => vec![format!("gh repo delete {fork} --yes")],
            Output::Advisory(advisory) => vec![advisory.url.clone()],
            Output::Mail(mail) => vec![format!("write to {}", mail.to.join(", "))],
            Output::Merged(merged) => self.revert(effect, &merged.commit),
            Output::Released(released) => vec![released.url.clone()],
            _ => Vec::new(),
        }
    }

    /// The commands that take back a merge on its branch. A squashed one has no second parent.
    fn revert(&self, effect: &LastingEffect, commit: &CommitId) -> Vec<String> {
        let plan = self.plan;
        let target = plan
            .step(&effect.step)
            .and_then(|step| plan.target(step.subject.repo.as_ref()?, step.subject.branch.as_ref()?));
        let Some(target) = target else { return Vec::new() };
        let options = match plan.merge_method(target) {
            MergeMethod::Merge => "--mainline 1 ",
            MergeMethod::Squash | MergeMethod::Rebase => "",
        };
        by_hand::revert(&plan.inputs.catalog.endpoints.git, &target.repo, &target.branch, commit, options)
    }
}

/// How a release that was called off is started again. An hour that has passed is announced anew, unless fixes are public already.
pub(super) fn start_again(opened: &Opened) -> Advice {
    let hour = opened.plan.inputs.release.disclosure;
    let is_past = opened.home().kind == HomeKind::Real && hour <= opened.now();
    let text = if is_past && !opened.embargo_is_over() {
        format!(
            "to start it again, with what is there, write a new hour into release.toml: `disclosure` was {hour}; then"
        )
    } else {
        "to start it again, with what is there".to_owned()
    };
    Advice::then(text, NextAction::Start)
}
