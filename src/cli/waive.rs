//! `lockgate waive`: people decide that the release goes on without a step.

use std::path::PathBuf;

use clap::Args;

use super::drive::continue_with;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::control::{Home, Opened, member};
use crate::ids::{Login, StepName};
use crate::input::suggest;
use crate::next_action::{Advice, NextAction};
use crate::run::{Event, StepStatus};
use crate::steps::Decision;

/// Goes on without a step that asks, waits or failed, for a reason that is recorded.
#[derive(Debug, Args)]
#[command(
    visible_alias = "decide",
    after_help = "Example:\n  lockgate waive await-cve/GHSA-4wx7-c2fg-q8rm --as mara --reason 'no CVE after four weeks'\n\n\
    Steps that cannot be gone without say so when the run goes on; what was waived stands in the report."
)]
pub(super) struct Arguments {
    /// The step, by the name that `lockgate status` prints.
    step: StepName,
    /// Your name on GitHub.
    #[arg(long = "as", value_name = "NAME")]
    name: Login,
    /// Why, in a sentence.
    #[arg(long)]
    reason: String,
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
        known_step(&opened, &self.step)?;
        if self.reason.trim().is_empty() {
            return Err(Problem::input(
                "the reason is empty",
                "say why in a sentence; it stands in the report",
            ));
        }
        match opened.state.status(&self.step) {
            StepStatus::Asked(_) | StepStatus::Waiting(_) | StepStatus::Failed { .. } => {}
            StepStatus::Done => {
                return Err(Problem::input(format!("`{}` is done", self.step), "there is nothing to waive"));
            }
            StepStatus::Open | StepStatus::Begun => {
                return Err(Problem::input(
                    format!("`{}` neither asks, nor waits, nor failed", self.step),
                    Advice::then(
                        "only what holds the run up can be waived; to continue up to there",
                        NextAction::Resume,
                    ),
                ));
            }
        }
        let decision = Decision::Waived { reason: self.reason.trim().to_owned() };
        opened.record(Event::Decided { step: self.step.clone(), decision, by: name.clone() })?;
        terminal::out(format!("{} waived {}", name, self.step));
        terminal::out(continue_with(&opened));
        Ok(Exit::Done)
    }
}

/// The plan has this step, or the nearest is named.
pub(super) fn known_step(opened: &Opened, step: &StepName) -> Result<(), Problem> {
    if opened.plan.step(step).is_some() {
        return Ok(());
    }
    let nearest = suggest(step.as_str(), opened.plan.steps().map(|step| step.name.as_str()));
    // A whole plan is too long a list to choose from.
    let hint = if nearest.len() > 200 {
        Advice::then("to see the steps that hold the run up", NextAction::ShowStatus)
    } else {
        Advice::from(nearest)
    };
    Err(Problem::input(format!("the plan has no step `{step}`"), hint))
}
