//! `lockgate status`: where each target stands, what is waiting, the next command.

use std::path::PathBuf;

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::command::Commands;
use super::drive::called_off;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::control::{Home, Opened};
use crate::ids::StepName;
use crate::kinds::{Phase, Visibility};
use crate::next_action::{Advice, NextAction};
use crate::plan::{Plan, Step};
use crate::run::{Retry, State, StepStatus};
use crate::steps::{Begun, Blame, Question, QuestionKind};

/// Shows where each target stands, what is waiting and the next command.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lockgate status\n  lockgate status OUT --json")]
pub(super) struct StatusCommand {
    /// The release: its directory, or a kept rehearsal.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// For programs.
    #[arg(long)]
    json: bool,
}

impl StatusCommand {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let opened = Home::find(&self.dir).open()?;
        let status = Status::of(&opened);
        if self.json {
            terminal::out(serde_json::to_string_pretty(&status)?);
        } else {
            status.print(&Commands::of(&opened));
        }
        Ok(Exit::Done)
    }
}

/// Where a run stands.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    release: String,
    title: String,
    state: &'static str,
    steps: usize,
    done: usize,
    rows: Vec<Row>,
    /// What only people can answer.
    pub(super) asked: Vec<Asked>,
    waiting: Vec<Waiting>,
    /// What failed and is tried again by itself.
    retrying: Vec<Retrying>,
    /// What was begun and has not ended: it acts now in another process, or was killed while it did.
    interrupted: Vec<StepName>,
    /// What failed and is not tried again by itself.
    pub(super) failed: Vec<Failed>,
    next: Vec<Advice>,
}

/// A target, an advisory, or the release as a whole, through the phases.
#[derive(Debug, Serialize)]
struct Row {
    subject: String,
    phases: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Cell {
    phase: Phase,
    state: Progress,
    done: usize,
    steps: usize,
}

/// How far the steps of one cell are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Progress {
    /// There are none.
    None,
    /// All are done.
    Done,
    /// None is begun.
    Open,
    /// Some are done or begun.
    Begun,
    /// One waits for the clock or a service.
    Waiting,
    /// One asks people.
    Asks,
    /// One failed.
    Failed,
}

#[derive(Debug, Serialize)]
pub(super) struct Asked {
    /// The step.
    pub(super) step: StepName,
    /// The question.
    #[serde(flatten)]
    pub(super) question: Question,
}

#[derive(Debug, Serialize)]
struct Waiting {
    step: StepName,
    what: String,
    until: jiff::Timestamp,
    /// What people may do instead of waiting.
    instead: Vec<Advice>,
}

#[derive(Debug, Serialize)]
pub(super) struct Failed {
    /// The step.
    pub(super) step: StepName,
    /// What happened.
    pub(super) message: String,
    /// What may be done about it.
    pub(super) hint: Vec<Advice>,
    /// Who can do something about it.
    pub(super) blame: Blame,
    /// How often it was tried in a row.
    attempts: u32,
    /// Whether its effect may be there all the same.
    may_have_happened: bool,
}

#[derive(Debug, Serialize)]
struct Retrying {
    step: StepName,
    message: String,
    #[serde(flatten)]
    retry: Retry,
    may_have_happened: bool,
}

impl Status {
    /// The status of a run.
    pub(super) fn of(opened: &Opened) -> Status {
        let (plan, state) = (&opened.plan, &opened.state);
        let asked: Vec<Asked> = state
            .questions()
            .map(|(step, question)| Asked { step: step.clone(), question: question.clone() })
            .collect();
        Status {
            release: plan.inputs.release.id.clone(),
            title: plan.inputs.release.title.clone(),
            state: match (&state.aborted, state.finished, asked.is_empty()) {
                (Some(_), ..) => "aborted",
                (None, true, _) => "finished",
                (None, false, false) => "waiting for people",
                (None, false, true) => "unfinished",
            },
            steps: plan.step_count(),
            done: plan.steps().filter(|step| state.is_done(&step.name)).count(),
            rows: rows(plan, state),
            next: next(state, &asked),
            asked,
            waiting: waiting(opened),
            failed: state
                .failures_left()
                .map(|(step, failed)| Failed {
                    step: step.clone(),
                    message: failed.message.clone(),
                    hint: failed.hint.clone(),
                    blame: failed.blame,
                    attempts: failed.attempts,
                    may_have_happened: state.begun(step) == Begun::Yes,
                })
                .collect(),
            retrying: retrying(state),
            interrupted: interrupted(plan, state),
        }
    }

    fn print(&self, commands: &Commands) {
        terminal::out(format!(
            "{} ({}): {}, {} of {} steps done\n",
            self.title, self.release, self.state, self.done, self.steps
        ));
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(std::iter::once("").chain(Phase::ALL.iter().map(|phase| phase.as_str())));
        for row in &self.rows {
            table.add_row(std::iter::once(row.subject.clone()).chain(row.phases.iter().map(Cell::text)));
        }
        terminal::out(table.trim_fmt());
        if self.state == "aborted" {
            terminal::out(format!("\n{}", called_off(commands)));
            return;
        }
        self.print_holds(commands);
    }

    /// What holds the run up, and the next command.
    pub(super) fn print_holds(&self, commands: &Commands) {
        for asked in &self.asked {
            terminal::out(format!("\n{} asks:", asked.step));
            terminal::out(terminal::indented(&asked.question.text));
            if let QuestionKind::Approval { digest, .. } = &asked.question.kind {
                terminal::out(format!(
                    "    digest {digest} (`lockgate approve` without --as shows what it is of)"
                ));
            }
        }
        for failed in &self.failed {
            terminal::out(failed.told());
            if !failed.hint.is_empty() {
                terminal::out(format!("    hint: {}", commands.hint(&failed.hint)));
            }
        }
        for retrying in &self.retrying {
            terminal::out(retrying.told());
        }
        for step in &self.interrupted {
            terminal::out(format!("\n{step} was begun and has not ended\n    {MAY_HAVE_HAPPENED}"));
        }
        for waiting in &self.waiting {
            terminal::out(format!(
                "\n{} waits for {} (looks again at {:.0})",
                waiting.step, waiting.what, waiting.until
            ));
            for advice in &waiting.instead {
                terminal::out(format!("    {}", commands.line(advice)));
            }
        }
        if !self.next.is_empty() {
            let lines: Vec<String> = self.next.iter().map(|advice| commands.line(advice)).collect();
            terminal::out(format!("\nnext:\n{}", terminal::indented(&lines.join("\n"))));
        }
    }
}

/// What is safe after an attempt whose outcome is not known.
const MAY_HAVE_HAPPENED: &str =
    "it may have happened all the same: the world is looked at before anything is done again";

impl Failed {
    fn told(&self) -> String {
        let times =
            if self.attempts > 1 { format!(" {} times in a row", self.attempts) } else { String::new() };
        format!("\n{} failed{times}: {}{}", self.step, self.message, uncertain(self.may_have_happened))
    }
}

impl Retrying {
    fn told(&self) -> String {
        let Retry { attempt, of, at } = &self.retry;
        let uncertain = uncertain(self.may_have_happened);
        format!("\n{} waits for attempt {attempt} of {of} at {at:.0}: {}{uncertain}", self.step, self.message)
    }
}

fn uncertain(may_have_happened: bool) -> String {
    if may_have_happened { format!("\n    {MAY_HAVE_HAPPENED}") } else { String::new() }
}

impl Cell {
    fn text(&self) -> String {
        let count = format!("{}/{}", self.done, self.steps);
        match self.state {
            Progress::None => String::new(),
            Progress::Done => "done".to_owned(),
            Progress::Open => "-".to_owned(),
            Progress::Begun => count,
            Progress::Waiting => format!("{count} waits"),
            Progress::Asks => format!("{count} ASKS"),
            Progress::Failed => format!("{count} FAILED"),
        }
    }
}

/// The rows: the release, each advisory, each repository's own steps, each target.
fn rows(plan: &Plan, state: &State) -> Vec<Row> {
    let mut subjects: Vec<String> = Vec::new();
    for step in plan.steps() {
        let row = row_of(step);
        if !subjects.contains(&row) {
            subjects.push(row);
        }
    }
    let cells = |subject: &str| {
        Phase::ALL
            .iter()
            .map(|phase| {
                let steps: Vec<&Step> =
                    plan.steps().filter(|step| step.phase == *phase && row_of(step) == subject).collect();
                cell(*phase, &steps, state)
            })
            .collect()
    };
    subjects.into_iter().map(|subject| Row { phases: cells(&subject), subject }).collect()
}

/// The row that a step belongs to.
pub(super) fn row_of(step: &Step) -> String {
    let subject = &step.subject;
    match (&subject.repo, &subject.branch, &subject.advisory) {
        (Some(repo), Some(branch), _) => format!("{repo} {branch}"),
        (_, None, Some(advisory)) => advisory.to_string(),
        (Some(repo), None, None) => repo.to_string(),
        _ => "release".to_owned(),
    }
}

fn cell(phase: Phase, steps: &[&Step], state: &State) -> Cell {
    let done = steps.iter().filter(|step| state.is_done(&step.name)).count();
    let worst = steps.iter().map(|step| progress_of(state.status(&step.name))).max();
    let progress = match worst {
        None => Progress::None,
        Some(Progress::Open) if done > 0 => Progress::Begun,
        Some(worst) => worst,
    };
    Cell { phase, state: progress, done, steps: steps.len() }
}

/// One step's step_status as a cell shows it.
pub(super) fn progress_of(step_status: &StepStatus) -> Progress {
    match step_status {
        StepStatus::Done => Progress::Done,
        StepStatus::Open => Progress::Open,
        StepStatus::Begun => Progress::Begun,
        StepStatus::Waiting(_) => Progress::Waiting,
        StepStatus::Asked(_) => Progress::Asks,
        StepStatus::Failed(failed) if failed.retry.is_some() => Progress::Waiting,
        StepStatus::Failed(_) => Progress::Failed,
    }
}

fn waiting(opened: &Opened) -> Vec<Waiting> {
    opened
        .plan
        .steps()
        .filter_map(|step| match opened.state.status(&step.name) {
            StepStatus::Waiting(wait) => Some(Waiting {
                step: step.name.clone(),
                what: wait.what.clone(),
                until: wait.until,
                instead: wait.instead.clone(),
            }),
            _ => None,
        })
        .collect()
}

fn retrying(state: &State) -> Vec<Retrying> {
    let retries = state.retries().map(|(step, failed, retry)| Retrying {
        step: step.clone(),
        message: failed.message.clone(),
        retry: retry.clone(),
        may_have_happened: state.begun(step) == Begun::Yes,
    });
    retries.collect()
}

/// The steps whose effect may be outside of this machine, and of which nothing more is known.
fn interrupted(plan: &Plan, state: &State) -> Vec<StepName> {
    plan.steps()
        .filter(|step| *state.status(&step.name) == StepStatus::Begun)
        .filter(|step| step.kind.visibility() != Visibility::Local)
        .map(|step| step.name.clone())
        .collect()
}

/// The commands that go on, in order.
fn next(state: &State, asked: &[Asked]) -> Vec<Advice> {
    if state.finished || state.aborted.is_some() {
        return Vec::new();
    }
    let mut commands: Vec<Advice> = Vec::new();
    for command in asked.iter().flat_map(|asked| &asked.question.next) {
        if !commands.contains(command) {
            commands.push(command.clone());
        }
    }
    let resume = Advice::from(NextAction::Resume);
    if !commands.contains(&resume) {
        commands.push(resume);
    }
    commands
}
