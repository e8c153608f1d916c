//! `lockgate withdraw`: takes back an answer that has had no effect yet.

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::answer::Answer;
use super::command::Commands;
use super::completing;
use super::drive::decide_as_oneself;
use super::place::PlaceOption;
use super::problem::Problem;
use super::written;
use crate::control::{DecisionRequest, Home, Ruling};
use crate::ids::{Login, StepName};
use crate::next_action::NextAction;

/// Takes back an answer that has had no effect yet: a confirmation, a waiver, a resolution, or an approval of your own.
///
/// Its question is open again as it was. An answer that the release has gone on with stays, and it is said what came of it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lockgate withdraw confirm/reproduced/GHSA-4wx7-c2fg-q8rm --as mara\n  \
    lockgate withdraw ready --as ines      (your own approval of the gate)")]
pub(super) struct WithdrawCommand {
    /// The step that was answered, by the name that its answer was recorded with; or a gate.
    #[arg(add = ArgValueCandidates::new(completing::answered_steps))]
    step: StepName,
    /// Your name on GitHub.
    #[arg(long = "as", value_name = "NAME", value_parser = written::person, add = ArgValueCandidates::new(completing::people))]
    name: Login,
    #[command(flatten)]
    pub(super) place: PlaceOption,
}

impl WithdrawCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        let request = DecisionRequest::Withdraw { step: self.step.clone(), who: self.name.clone() };
        let decided = decide_as_oneself(&home, &request).await?;
        let Ruling { by, step, means, .. } = &decided.ruling;
        let about = step.as_ref().unwrap_or(&self.step);
        let status = Commands::of(&home.open()?).word(&NextAction::ShowStatus);
        let answer = Answer::done(format!("{by} took back what {about} was answered: {means}")).prose();
        let answer = answer.and(format!("to see what it asks: {status}")).next([status]);
        answer.with(&json!({ "step": step, "by": by, "means": means, "taken_by": decided.taken_by }))
    }
}
