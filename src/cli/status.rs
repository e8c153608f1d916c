//! `lockgate status`: where each target is, what is waiting, the next command.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};

use super::command::Commands;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::control::{Home, Opened};
use crate::kinds::Phase;
use crate::next_action::NextAction;
use crate::report::{FailedStep, Progress, RetryingStep, RunState, Status, StatusCell};
use crate::run::Retry;
use crate::steps::QuestionKind;

/// Shows where each target is, what is waiting and the next command.
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
        let status = of(&opened);
        if self.json {
            terminal::out(serde_json::to_string_pretty(&status)?);
        } else {
            terminal::out(whole(&status, &Commands::of(&opened)));
        }
        Ok(Exit::Done)
    }
}

/// The status of a run that was opened.
pub(super) fn of(opened: &Opened) -> Status {
    Status::of(&opened.plan, &opened.state)
}

/// The whole status: how far everything is, what holds it up, what is next.
pub(super) fn whole(status: &Status, commands: &Commands) -> String {
    let state = match status.state {
        RunState::Aborted => "called off",
        RunState::Finished => "finished",
        RunState::WaitingForPeople => "waiting for people",
        RunState::Unfinished => "unfinished",
    };
    let Status { title, release, done, steps, .. } = status;
    let head = format!("{title} ({release}): {state}, {done} of {steps} steps done\n\n{}\n", table(status));
    match status.state {
        RunState::Aborted => format!("{head}\n{}", called_off(commands)),
        _ => head + &holds(status, commands),
    }
}

fn table(status: &Status) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(std::iter::once("").chain(Phase::ALL.iter().map(|phase| phase.as_str())));
    for row in &status.rows {
        table.add_row(std::iter::once(row.subject.clone()).chain(row.phases.iter().map(cell)));
    }
    table.trim_fmt()
}

/// What is left to do once a release was called off.
pub(super) fn called_off(commands: &Commands) -> String {
    let abort = commands.word(&NextAction::ShowEffects);
    format!("the release was called off; `{abort}` lists what was done and how to undo it")
}

fn cell(cell: &StatusCell) -> String {
    let count = format!("{}/{}", cell.done, cell.steps);
    match cell.state {
        Progress::None => String::new(),
        Progress::Done => "done".to_owned(),
        Progress::Open => "-".to_owned(),
        Progress::Begun => count,
        Progress::Waiting => format!("{count} waits"),
        Progress::Asks => format!("{count} ASKS"),
        Progress::Failed => format!("{count} FAILED"),
    }
}

/// What holds the run up, and the next command.
pub(super) fn holds(status: &Status, commands: &Commands) -> String {
    let parts = [
        asked(status),
        status.failed.iter().map(|failed| failed_text(failed, commands)).collect(),
        status.retrying.iter().map(retrying).collect(),
        interrupted(status),
        waiting(status, commands),
        next(status, commands),
    ];
    parts.concat()
}

fn asked(status: &Status) -> String {
    let mut text = String::new();
    for asked in &status.asked {
        let _ = write!(text, "\n{} asks:\n{}", asked.step, terminal::indented(&asked.question.text));
        if let QuestionKind::Approval { digest, .. } = &asked.question.kind {
            let _ =
                writeln!(text, "    digest {digest} (`lockgate approve` without --as shows what it is of)");
        }
    }
    text
}

fn failed_text(failed: &FailedStep, commands: &Commands) -> String {
    let FailedStep { step, message, hint, attempts, may_have_happened, .. } = failed;
    let times = if *attempts > 1 { format!(" {attempts} times in a row") } else { String::new() };
    let mut text = format!("\n{step} failed{times}: {message}\n{}", uncertain(*may_have_happened));
    if !hint.is_empty() {
        let _ = writeln!(text, "    hint: {}", commands.hint(hint));
    }
    text
}

fn retrying(retrying: &RetryingStep) -> String {
    let RetryingStep { step, message, retry: Retry { attempt, of, at }, may_have_happened } = retrying;
    let uncertain = uncertain(*may_have_happened);
    format!("\n{step} waits for attempt {attempt} of {of} at {at:.0}: {message}\n{uncertain}")
}

fn interrupted(status: &Status) -> String {
    let told = |step| format!("\n{step} was begun and has not ended\n{}", uncertain(true));
    status.interrupted.iter().map(told).collect()
}

/// What is safe after an attempt whose outcome is not known.
fn uncertain(may_have_happened: bool) -> &'static str {
    if may_have_happened {
        "    it may have happened all the same: the world is looked at before anything is done again\n"
    } else {
        ""
    }
}

fn waiting(status: &Status, commands: &Commands) -> String {
    let mut text = String::new();
    for waiting in &status.waiting {
        let _ = writeln!(
            text,
            "\n{} waits for {} (looks again at {:.0})",
            waiting.step, waiting.what, waiting.until
        );
        for advice in &waiting.instead {
            text += &terminal::indented(&commands.lines(advice));
        }
    }
    text
}

fn next(status: &Status, commands: &Commands) -> String {
    if status.next.is_empty() {
        return String::new();
    }
    let mut lines: Vec<String> = Vec::new();
    for advice in status.next.iter().map(|advice| commands.lines(advice)) {
        // Several steps may wait for the same.
        if !lines.contains(&advice) {
            lines.push(advice);
        }
    }
    format!("\nnext:\n{}", terminal::indented(&lines.join("\n")))
}
