//! `lockgate amend`: the files of a release were changed while it is under way; what that changes is shown, then taken in.

use std::sync::Arc;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::{Value, json};

use super::answer::Answer;
use super::command::Commands;
use super::completing;
use super::crew::{ReleaseCrew, sending};
use super::drive::{continued, open_to_amend};
use super::exit::Exit;
use super::identity;
use super::place::PlaceArgument;
use super::problem::Problem;
use super::run;
use super::written;
use crate::control::{
    AmendedStep, Amendment, ApprovalFate, Fate, GivenAnswer, GivenApproval, Home, HomeKind, Opened,
};
use crate::ids::{Login, RepoName, StepName};
use crate::kinds::{Basis, StepKind};
use crate::next_action::NextAction;
use crate::plan::{Plan, StepChange};
use crate::planning::{Hour, InputFiles, plan_again};
use crate::rehearsal::RehearsalWorld;
use crate::wording::counted;
use crate::workers::Sending;
use crate::world::World;

/// Shows what a change of the files changes in the release that is under way, step by step, and takes it in.
///
/// The catalog, the release file, the workflow, mail templates, patches and attached files may be changed after the start:
/// another hour, another approver, a line or an advisory more or less. What was approved is asked again where it shows
/// something else; what is done in public cannot be made otherwise.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lockgate amend      (shows what would change, and changes nothing)\n  \
        lockgate amend --as mara --digest 3f9a2c\n  \
        lockgate amend --dir OUT --as mara      (a kept rehearsal: its files are OUT/inputs)")]
pub(super) struct AmendCommand {
    #[command(flatten)]
    pub(super) place: PlaceArgument,
    /// Your name on GitHub. Without it, nothing is recorded.
    #[arg(long = "as", value_name = "NAME", value_parser = written::person, add = ArgValueCandidates::new(completing::people))]
    name: Option<Login>,
    /// What you have read, by the beginning of its digest.
    #[arg(long, value_name = "DIGEST", requires = "name")]
    digest: Option<String>,
    #[command(flatten)]
    crew: ReleaseCrew,
}

impl AmendCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        let (_lock, mut opened) = open_to_amend(&home, NextAction::Amend { digest: None })?;
        let files = InputFiles::load(&home.files)?;
        let plan = planned(&opened, &files, Hour::ToCome, &self.crew).await?;
        let amendment = Amendment::propose(&opened, plan)?;
        let answer = Answer::done(told(&amendment)).prose().with(&data(&amendment))?;
        let Some(name) = &self.name else {
            let amend = NextAction::Amend { digest: Some(amendment.digest.clone()) };
            let amend = Commands::of(&opened).word(&amend);
            return Ok(to_take_in(answer, amend));
        };
        identity::check(&opened, name).await?;
        let digest = amendment.digest.clone();
        let by = amendment.record(&mut opened, name, self.digest.as_deref())?;
        let answer = answer.and(format!("{by} amended the release to plan {}", digest.short()));
        Ok(continued(answer, &opened))
    }
}

/// What was shown, and the command that takes it in.
pub(super) fn to_take_in(answer: Answer, command: String) -> Answer {
    let told = format!("nothing is changed yet; to take it in: {command}");
    answer.and(told).next([command]).ending(Exit::Waiting)
}

/// The plan that these files give now, in the world in which the run is.
pub(super) async fn planned(
    opened: &Opened,
    files: &InputFiles,
    hour: Hour,
    crew: &ReleaseCrew,
) -> Result<Plan, Problem> {
    // What cannot be amended needs no look at the world.
    Amendment::check_possible(opened, files.inputs())?;
    let home = opened.home();
    let sending = if home.kind == HomeKind::Real { Sending::Change } else { sending(&home.files) };
    let crew = crew.of_run(home, sending).await?;
    match home.kind {
        HomeKind::Real => {
            files.check_addresses()?;
            planned_in(&Arc::new(run::connect(home, files, crew).await?), opened, files, hour).await
        }
        HomeKind::Rehearsal => {
            let emulated = RehearsalWorld::open(home, None).await?.with_crew(crew);
            let planned = planned_in(&emulated.connect().await?, opened, files, hour).await;
            emulated.close().await;
            planned
        }
    }
}

async fn planned_in(
    world: &Arc<World>,
    opened: &Opened,
    files: &InputFiles,
    hour: Hour,
) -> Result<Plan, Problem> {
    let merged = |repo: &RepoName| {
        let mut merges = opened.plan.of_kind(StepKind::MergePatch);
        merges.any(|step| step.subject.repo.as_ref() == Some(repo) && opened.state.is_done(&step.name))
    };
    Ok(plan_again(world, &opened.home().folder, files, &opened.plan, hour, merged).await?)
}

fn told(amendment: &Amendment) -> String {
    let files = amendment.files.join(" and ");
    format!("{files} changed since the run was started\n\n{}", differences(amendment))
}

/// The whole difference, as a plan of changes is read: what is added, what is dropped, what is another, and what stays.
pub(super) fn differences(amendment: &Amendment) -> String {
    let mut text = String::new();
    if amendment.steps.is_empty() {
        text += "  no step is another; the run continues with the files as they are now\n";
    }
    text += &grouped(&amendment.steps);
    text += &stays(amendment);
    for (gate, by) in &amendment.lapsing {
        text += &format!(
            "\n{gate} asks again: what it showed has changed, and the approval of {} lapses\n",
            names(by)
        );
    }
    amendment.given.iter().for_each(|given| text += &given_approval(given));
    text += &format!("\n{}, plan {}", counts(amendment), amendment.digest);
    text
}

/// Somebody has approved, and the run has not gone on since.
fn given_approval(given: &GivenApproval) -> String {
    let GivenApproval { gate, by, fate } = given;
    let becomes = match fate {
        ApprovalFate::Counts => "still counts: it shows the same",
        ApprovalFate::MadeAgain => "lapses, unless what is made again comes out exactly as it was approved",
        ApprovalFate::Lapses => "lapses: it shows something else, or they may not approve it any more",
    };
    format!("\n{gate}: the approval that {by} has given {becomes}\n")
}

/// The difference for programs.
pub(super) fn data(amendment: &Amendment) -> Value {
    let steps = amendment.steps.iter().map(|one| {
        let (change, of) = match &one.change {
            StepChange::Added => ("added", String::new()),
            StepChange::Removed => ("dropped", String::new()),
            StepChange::Changed(of) => ("changed", nouns(of)),
        };
        let (fate, left) = match &one.fate {
            Fate::Ahead => ("ahead", None),
            Fate::Again => ("again", None),
            Fate::Stays { left } => ("stays", Some(*left)),
            Fate::Left { undo, .. } => ("left", Some(*undo)),
        };
        let answer = one.answer.as_ref().map(|answer| json!({ "by": answer.by, "counts": answer.counts }));
        json!({ "step": one.step.name, "change": change, "of": of, "fate": fate, "left": left, "answer": answer })
    });
    let lapsing = amendment.lapsing.iter().map(|(gate, by)| json!({ "gate": gate, "by": by }));
    let given = amendment.given.iter().map(|one| {
        let fate = match one.fate {
            ApprovalFate::Counts => "counts",
            ApprovalFate::MadeAgain => "made again",
            ApprovalFate::Lapses => "lapses",
        };
        json!({ "gate": one.gate, "by": one.by, "fate": fate })
    });
    json!({
        "digest": amendment.digest,
        "files": amendment.files,
        "steps": steps.collect::<Vec<Value>>(),
        "lapsing": lapsing.collect::<Vec<Value>>(),
        "given": given.collect::<Vec<Value>>(),
    })
}

/// As many of one kind with one fate are told one by one.
const TOLD_ALONE: usize = 2;

/// A line for each step; where many of one kind fare alike, one line for all of them.
fn grouped(steps: &[AmendedStep]) -> String {
    let mut groups: Vec<Vec<&AmendedStep>> = Vec::new();
    let is_alike = |one: &AmendedStep, other: &AmendedStep| {
        let alike =
            |one: &AmendedStep| (one.step.kind, one.change.clone(), one.fate.clone(), one.answer.clone());
        alike(one) == alike(other)
    };
    for step in steps {
        match groups.iter_mut().find(|group| is_alike(group[0], step)) {
            Some(group) => group.push(step),
            None => groups.push(vec![step]),
        }
    }
    let told = |group: Vec<&AmendedStep>| -> String {
        match group.as_slice() {
            [first, ..] if group.len() > TOLD_ALONE => {
                line(first, &format!("{} ({})", first.step.kind, counted(group.len(), "step")))
            }
            few => few.iter().map(|one| line(one, one.step.name.as_str())).collect(),
        }
    };
    groups.into_iter().map(told).collect()
}

fn line(one: &AmendedStep, name: &str) -> String {
    let (mark, change) = match &one.change {
        StepChange::Added => ('+', "new".to_owned()),
        StepChange::Removed => ('-', "dropped".to_owned()),
        StepChange::Changed(of) => ('~', format!("{} changed", nouns(of))),
    };
    let fate = match &one.fate {
        Fate::Ahead => String::new(),
        Fate::Again => "; done, and taken again".to_owned(),
        Fate::Stays { .. } => "; done, and stays as it is".to_owned(),
        Fate::Left { undo, .. } => format!("; what it did stays ({undo})"),
    };
    let answer = match &one.answer {
        None => String::new(),
        Some(GivenAnswer { by, counts: true }) => format!("; what {by} resolved stays"),
        Some(GivenAnswer { by, counts: false }) => format!("; what {by} answered lapses"),
    };
    format!("  {mark} {name}: {change}{fate}{answer}\n")
}

/// What is out already and is not taken back.
fn stays(amendment: &Amendment) -> String {
    let left = amendment.steps.iter().filter_map(|one| match &one.fate {
        Fate::Stays { left } if one.step.kind != StepKind::Gate => Some((&one.step.name, left)),
        _ => None,
    });
    let lines: Vec<String> = left.map(|(step, left)| told_of_what_stays(step, left)).collect();
    if lines.is_empty() { String::new() } else { format!("\ncannot be taken back:\n{}", lines.concat()) }
}

fn told_of_what_stays(step: &StepName, left: &str) -> String {
    format!("  {step}: {left}\n")
}

fn counts(amendment: &Amendment) -> String {
    let of = |is: fn(&StepChange) -> bool| amendment.steps.iter().filter(|one| is(&one.change)).count();
    let (added, dropped) = (of(|it| *it == StepChange::Added), of(|it| *it == StepChange::Removed));
    let changed = amendment.steps.len() - added - dropped;
    format!("{} added, {changed} changed, {dropped} dropped", counted(added, "step"))
}

fn nouns(of: &[Basis]) -> String {
    of.iter().map(|basis| basis.noun()).collect::<Vec<_>>().join(", ")
}

fn names(by: &[Login]) -> String {
    by.iter().map(Login::as_str).collect::<Vec<_>>().join(" and ")
}
