//! `lockgate status`: where the release is, what is public, what waits for whom, the next command; then each target.

use std::fmt::Write as _;
use std::mem::ManuallyDrop;

use clap::Args;
use jiff::Timestamp;

use super::answer::Answer;
use super::command::Commands;
use super::place::PlaceArgument;
use super::problem::Problem;
use super::{later, table, terminal};
use crate::control::{Home, Opened};
use crate::next_action::NextAction;
use crate::planning::InputFiles;
use crate::report::{EarlyCount, FailedStep, RetryingStep, RunState, Status, StatusRow};
use crate::run::Retry;
use crate::steps::QuestionKind;
use crate::wording::span;

/// Shows where each target is, what is waiting and the next command.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lockgate status\n  lockgate status --dir OUT --json")]
pub(super) struct StatusCommand {
    #[command(flatten)]
    pub(super) place: PlaceArgument,
}

impl StatusCommand {
    pub(super) fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        // The process ends with this answer: to take a large run apart would cost a fifth of the time.
        let opened = ManuallyDrop::new(home.open()?);
        let status = match home.driver()? {
            Some(driver) => of(&opened).driven_by(driver),
            None => of(&opened),
        };
        let commands = Commands::of(&opened);
        let text = whole(&status, &commands, opened.now());
        let answer = Answer::done(text).and_perhaps(later::asked_later(&opened)).prose();
        let answer = match changed_since(&opened, &commands) {
            Some((told, amend)) => answer.and(told).next([amend]),
            None => answer.advised(&status.next, &commands),
        };
        answer.with(&status)
    }
}

/// That the files are not those any more which the run follows, and how that is taken in: nothing else goes on with them.
fn changed_since(opened: &Opened, commands: &Commands) -> Option<(String, String)> {
    if opened.state.finished || opened.state.aborted.is_some() {
        return None;
    }
    // What cannot be read is told by whatever reads it next.
    let files = InputFiles::load(&opened.home().files).ok()?;
    let changed = opened.check_unchanged(files.inputs()).err()?;
    let amend = commands.word(&NextAction::Amend { digest: None });
    Some((format!("{changed}; to see what that would change: {amend}"), amend))
}

/// The status of a run that was opened.
pub(super) fn of(opened: &Opened) -> Status {
    Status::of(&opened.plan, &opened.state, &opened.events)
}

/// The whole status as of this time.
pub(super) fn whole(status: &Status, commands: &Commands, now: Timestamp) -> String {
    let head = head(status, now);
    let rest = match status.state {
        RunState::Aborted => format!("\n{}\n", called_off(commands)),
        _ => holds(status, commands, now),
    };
    format!("{head}{rest}{}\n{}", noted(status), table::table(&status.rows))
}

/// What is otherwise than planned, a line for each branch.
fn noted(status: &Status) -> String {
    let told = |row: &StatusRow| Some(format!("{}: {}\n", row.subject, row.note.as_ref()?));
    let notes: String = status.rows.iter().filter_map(told).collect();
    if notes.is_empty() { notes } else { format!("\n{notes}") }
}

/// Where it is as a whole, when its hour is, and what everybody can see.
fn head(status: &Status, now: Timestamp) -> String {
    let state = match status.state {
        RunState::Aborted => "called off",
        RunState::Finished => "finished",
        RunState::WaitingForPeople => "waiting for people",
        RunState::Unfinished => "unfinished",
    };
    let Status { title, release, done, steps, disclosure, .. } = status;
    let public: Vec<String> =
        status.public.iter().map(|kind| format!("{} {}", kind.steps, kind.kind)).collect();
    let public = if public.is_empty() { "nothing".to_owned() } else { public.join(", ") };
    let driven = status.driver.as_ref().map(|driver| {
        format!("under way: {driver} drives it, and takes in what people decide within a second")
    });
    let when = match status.state {
        RunState::Aborted => format!("was to become public {}", clock(*disclosure)),
        _ => hour(status, now),
    };
    let early = early(status, now);
    let lines = [
        Some(format!("{title} ({release})")),
        Some(format!("{state}, {done} of {steps} steps done")),
        Some(when),
        early,
        Some(format!("public by us so far: {public}")),
        driven,
    ];
    lines.into_iter().flatten().map(|line| terminal::filled(&line, "    ") + "\n").collect()
}

/// When the embargo ends, or ended.
fn hour(status: &Status, now: Timestamp) -> String {
    let disclosure = clock(status.disclosure);
    match status.embargo_ended {
        Some(ended) if status.state == RunState::Finished => format!("public since {}", clock(ended)),
        Some(ended) => format!("the embargo ended {}", clock(ended)),
        None if status.disclosure > now => {
            format!("becomes public {disclosure}, {}", ahead(status.disclosure, now))
        }
        None => format!("its hour has come, {disclosure}, and nobody has let it through yet"),
    }
}

/// What does not wait for that: a date alone would hide it.
fn early(status: &Status, now: Timestamp) -> Option<String> {
    let is_over = status.state == RunState::Aborted || status.embargo_ended.is_some();
    if is_over || status.disclosure <= now || status.early.is_empty() {
        return None;
    }
    let of_gate = |group: &[EarlyCount]| {
        let kinds =
            group.iter().map(|one| format!("{} {}", one.steps, one.kind)).collect::<Vec<_>>().join(", ");
        match group.first().and_then(|one| one.gate.as_ref()) {
            Some(gate) => format!("{kinds}, once `{gate}` is approved"),
            None => format!("{kinds}, next"),
        }
    };
    let groups = status.early.chunk_by(|one, other| one.gate == other.gate).map(of_gate);
    Some(format!("public before that: {}", groups.collect::<Vec<String>>().join("; ")))
}

/// A time as people read it: `2026-03-10 16:00 UTC`.
fn clock(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How far ahead a time is: `in 12 min`.
fn ahead(time: Timestamp, now: Timestamp) -> String {
    let seconds = u64::try_from(time.duration_since(now).as_secs()).unwrap_or_default();
    format!("in {}", span(seconds))
}

/// What is left to do once a release was called off.
pub(super) fn called_off(commands: &Commands) -> String {
    let abort = commands.word(&NextAction::ShowEffects);
    format!("the release was called off; `{abort}` lists what was done and how to undo it")
}

/// What holds the run up, and the next command.
pub(super) fn holds(status: &Status, commands: &Commands, now: Timestamp) -> String {
    let parts = [
        asked(status, commands),
        status.failed.iter().map(|failed| failed_text(failed, commands)).collect(),
        status.retrying.iter().map(|retrying| self::retrying(retrying, now)).collect(),
        interrupted(status),
        waiting(status, commands, now),
        next(status, commands),
    ];
    parts.concat()
}

fn asked(status: &Status, commands: &Commands) -> String {
    let mut text = String::new();
    for asked in &status.asked {
        let _ = write!(text, "\n{} asks:\n{}", asked.step, terminal::indented(&asked.question.text));
        if let QuestionKind::Approval { digest, .. } = &asked.question.kind {
            let _ = writeln!(
                text,
                "    digest {}; `{}` shows what it is of",
                digest.short(),
                commands.look_at_gate(&asked.step)
            );
        }
    }
    text
}

fn failed_text(failed: &FailedStep, commands: &Commands) -> String {
    let FailedStep { step, message, hint, attempts, may_have_happened, .. } = failed;
    let times = if *attempts > 1 { format!(" {attempts} times in a row") } else { String::new() };
    let told = terminal::filled(&format!("{step} failed{times}: {message}"), "    ");
    let mut text = format!("\n{told}\n{}", uncertain(*may_have_happened));
    if !hint.is_empty() {
        let _ = writeln!(text, "    hint: {}", commands.hint(hint));
    }
    text
}

fn retrying(retrying: &RetryingStep, now: Timestamp) -> String {
    let RetryingStep { step, message, retry: Retry { attempt, of, at }, may_have_happened } = retrying;
    let uncertain = uncertain(*may_have_happened);
    let told = format!("{step} waits for attempt {attempt} of {of}, {}: {message}", ahead(*at, now));
    format!("\n{}\n{uncertain}", terminal::filled(&told, "    "))
}

fn interrupted(status: &Status) -> String {
    let told = |step| match &status.driver {
        Some(_) => format!("\n{step} is under way\n"),
        None => format!("\n{step} was begun and has not ended\n{}", uncertain(true)),
    };
    status.interrupted.iter().map(told).collect()
}

/// What is safe after an attempt whose outcome is not known.
fn uncertain(may_have_happened: bool) -> &'static str {
    if may_have_happened {
        "    it may have happened all the same: `resume` looks before it does it again\n"
    } else {
        ""
    }
}

fn waiting(status: &Status, commands: &Commands, now: Timestamp) -> String {
    let mut text = String::new();
    for waiting in &status.waiting {
        let looks = if waiting.until > now {
            format!(" (looks again {})", ahead(waiting.until, now))
        } else {
            String::new()
        };
        let told = format!("{} waits for {}{looks}", waiting.step, waiting.what);
        let _ = writeln!(text, "\n{}", terminal::filled(&told, "    "));
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
