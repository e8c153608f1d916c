//! `lockgate waive`: people decide that the release continues without what a step wants.

use clap::Args;
use clap_complete::engine::ArgValueCandidates;

use super::answer::Answer;
use super::completing;
use super::drive::decided;
use super::place::PlaceOption;
use super::problem::Problem;
use super::written;
use crate::control::{DecisionRequest, Home};
use crate::ids::{Login, StepName};

/// Continues without what a step wants, for a reason that the report will show.
#[derive(Debug, Args)]
#[command(
    visible_alias = "decide",
    after_help = "Example:\n  lockgate waive await-cve/GHSA-4wx7-c2fg-q8rm --as mara --reason 'no CVE after four weeks'\n\n\
    What a waiver means depends on the step, and is printed. A step that cannot be waived, or not now, is refused with \
    what to do instead."
)]
pub(super) struct WaiveCommand {
    /// The step, by the name that `lockgate status` prints.
    #[arg(add = ArgValueCandidates::new(completing::held_steps))]
    step: StepName,
    /// Your name on GitHub.
    #[arg(long = "as", value_name = "NAME", value_parser = written::person, add = ArgValueCandidates::new(completing::people))]
    name: Login,
    /// Why, in a sentence.
    #[arg(long, value_name = "WHY", value_parser = written::reason)]
    reason: String,
    #[command(flatten)]
    pub(super) place: PlaceOption,
}

impl WaiveCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        let request = DecisionRequest::Waive {
            step: self.step.clone(),
            who: self.name.clone(),
            reason: self.reason.clone(),
        };
        decided(&home, std::slice::from_ref(&request), "waived").await
    }
}
