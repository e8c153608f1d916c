//! `lockgate confirm`: events that something only people can do or decide is done.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::drive::continue_with;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::control::{Home, Opened, member};
use crate::ids::{GhsaId, Login};
use crate::input::suggest;
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::plan::Step;
use crate::run::{Event, StepStatus};
use crate::steps::{Decision, Question, QuestionKind};

/// Confirms what the workflow leaves to people, and shows its text.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lockgate confirm reproduced --advisory GHSA-4wx7-c2fg-q8rm --as mara")]
pub(super) struct Arguments {
    /// The confirmation's name in the workflow.
    what: String,
    /// The advisory that it is about, if the question is asked for each.
    #[arg(long, value_name = "GHSA")]
    advisory: Option<GhsaId>,
    /// Your name on GitHub.
    #[arg(long = "as", value_name = "NAME")]
    name: Login,
    /// The release: its directory, or a kept rehearsal.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let home = Home::find(&self.dir);
        let mut opened = home.open()?;
        let _lock = home.lock()?;
        let name = &member(&opened.plan.inputs, &self.name)?;
        let step = self.step_of(&opened)?;
        match opened.state.status(&step.name) {
            StepStatus::Asked(question) => terminal::out(terminal::indented(&question.text)),
            StepStatus::Done => {
                return Err(Problem::input(
                    format!("`{}` was confirmed already", step.name),
                    Advice::then("to see what is next", NextAction::ShowStatus),
                ));
            }
            _ => {
                return Err(Problem::input(
                    format!("`{}` is not asked yet", step.name),
                    Advice::then("to continue up to the question", NextAction::Resume),
                ));
            }
        }
        let decision = Decision::Confirmed;
        opened.record(Event::Decided { step: step.name.clone(), decision, by: name.clone() })?;
        terminal::out(format!("{} confirmed {}", name, step.name));
        terminal::out(continue_with(&opened));
        Ok(Exit::Done)
    }

    fn step_of(&self, opened: &Opened) -> Result<Step, Problem> {
        let all: Vec<&Step> = opened.plan.steps().filter(|step| is_confirmed(opened, step)).collect();
        let named: Vec<&Step> = all
            .iter()
            .copied()
            .filter(|step| {
                step.asks.as_deref() == Some(self.what.as_str())
                    || step.kind.as_str() == self.what
                    || step.name.as_str() == self.what
            })
            .collect();
        if named.is_empty() {
            return Err(Problem::input(
                format!("the plan asks for no confirmation `{}`", self.what),
                suggest(&self.what, names_of(&all)),
            ));
        }
        let fitting: Vec<&Step> = named
            .iter()
            .copied()
            .filter(|step| self.advisory.is_none() || step.subject.advisory == self.advisory)
            .collect();
        match fitting.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(Problem::input(
                format!("`{}` is not asked about this advisory", self.what),
                suggest(
                    "",
                    named.iter().filter_map(|step| step.subject.advisory.as_ref()).map(GhsaId::as_str),
                ),
            )),
            several => {
                let names: Vec<&str> = several.iter().map(|step| step.name.as_str()).collect();
                Err(Problem::input(
                    format!("`{}` is asked {} times", self.what, several.len()),
                    format!("say which with --advisory, or by its step: `{}`", names.join("`, `")),
                ))
            }
        }
    }
}

/// What can be confirmed, each once: a confirmation that is asked for each advisory is many steps.
fn names_of<'a>(steps: &[&'a Step]) -> BTreeSet<&'a str> {
    steps.iter().map(|step| step.asks.as_deref().unwrap_or(step.name.as_str())).collect()
}

/// The workflow's own confirmations, and whatever other step asks for one: answering a reporter, for example.
fn is_confirmed(opened: &Opened, step: &Step) -> bool {
    let asks = matches!(
        opened.state.status(&step.name),
        StepStatus::Asked(Question { kind: QuestionKind::Confirmation, .. })
    );
    step.kind == StepKind::Confirm || asks
}
