//! `lockgate disclose-now`: the embargo is broken, and the release goes on at once.

use std::collections::BTreeMap;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use jiff::Timestamp;

use super::amend::{data, differences, planned, to_take_in};
use super::answer::Answer;
use super::command::Commands;
use super::completing;
use super::crew::ReleaseCrew;
use super::drive::{continued, open_to_amend};
use super::identity;
use super::place::PlaceArgument;
use super::problem::Problem;
use super::written;
use crate::control::{BrokenEmbargo, Home, Opened};
use crate::ids::Login;
use crate::kinds::StepKind;
use crate::next_action::NextAction;
use crate::plan::Step;
use crate::planning::{Hour, InputFiles};
use crate::wording::counted;

/// Ends the wait for the announced hour, because the embargo is broken: the advisory or a fix is public early.
///
/// The disclosure time becomes the hour at which that was noticed. The shortened plan is shown first: no advance mail goes out,
/// nothing waits for a CVE that is not required, and the release-day gate is open for approval as soon as the patches are proven
/// and approved. Everything else stays: what becomes public is what was tested, and people approve it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate disclose-now      (shows the shortened plan, and changes nothing)\n  \
        lockgate disclose-now --at 2026-03-05T09:12:00Z --as mara --reason 'a distribution published the fix' --digest 3f9a2c"
)]
pub(super) struct DiscloseNowCommand {
    #[command(flatten)]
    pub(super) place: PlaceArgument,
    /// When it was noticed, in UTC; now, without.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Your name on GitHub. Without it, nothing is recorded.
    #[arg(long = "as", value_name = "NAME", value_parser = written::person, requires = "reason", add = ArgValueCandidates::new(completing::people))]
    name: Option<Login>,
    /// What became public, where, and by whom, in a sentence. The report shows it.
    #[arg(long, value_name = "WHY", value_parser = written::reason, requires = "name")]
    reason: Option<String>,
    /// What you have read, by the beginning of its digest.
    #[arg(long, value_name = "DIGEST", requires = "name")]
    digest: Option<String>,
    #[command(flatten)]
    crew: ReleaseCrew,
}

impl DiscloseNowCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        let (_lock, mut opened) = open_to_amend(&home, NextAction::DiscloseNow)?;
        let hour = BrokenEmbargo::hour(&opened, self.at)?;
        let files = InputFiles::load(&home.files)?.disclosed_at(hour)?;
        let plan = planned(&opened, &files, Hour::Broken, &self.crew).await?;
        let broken = BrokenEmbargo::propose(&opened, files.release_file(), plan)?;
        let answer = Answer::done(told(&opened, hour, &broken)).prose().with(&data(broken.amendment()))?;
        let (Some(name), Some(reason)) = (&self.name, &self.reason) else {
            let command = Commands::of(&opened).disclose_now(hour, &broken.amendment().digest);
            return Ok(to_take_in(answer, command));
        };
        identity::check(&opened, name).await?;
        let digest = broken.amendment().digest.clone();
        let by = broken.record(&mut opened, name, self.digest.as_deref(), reason.clone())?;
        let answer = answer.and(format!("{by} ended the wait for the hour: plan {}", digest.short()));
        Ok(continued(answer, &opened))
    }
}

fn told(opened: &Opened, hour: Timestamp, broken: &BrokenEmbargo) -> String {
    let announced = opened.plan.inputs.release.disclosure;
    let left = broken.left(&opened.state);
    format!(
        "the disclosure time becomes {hour}; {announced} was announced\n\n{}\n\nuntil the first fix is public, {}:\n{}",
        differences(broken.amendment()),
        counted(left.len(), "step"),
        to_go(&left),
    )
}

/// A line for each kind, in the order in which they come; gates and what people confirm one by one.
fn to_go(left: &[Step]) -> String {
    let mut kinds: BTreeMap<StepKind, usize> = BTreeMap::new();
    left.iter().for_each(|step| *kinds.entry(step.kind).or_default() += 1);
    let mut text = String::new();
    for step in left {
        match step.kind {
            StepKind::Gate | StepKind::Confirm => text += &format!("  {}: people\n", step.name),
            kind => match kinds.remove(&kind) {
                Some(1) => text += &format!("  {}\n", step.name),
                Some(count) => text += &format!("  {kind} ({})\n", counted(count, "step")),
                None => {}
            },
        }
    }
    text
}
