//! Driving a run: takes steps until it is finished or held, and says what holds it.

use std::sync::Arc;

use super::command::Commands;
use super::exit::Exit;
use super::problem::Problem;
use super::progress;
use super::{status, terminal};
use crate::control::{self, Accepted, Home, Opened, Waiting};
use crate::next_action::NextAction;
use crate::report::{Report, Status};
use crate::run::{Lock, StopReason};
use crate::steps::{Blame, QuestionKind};
use crate::world::World;

/// Drives the run as far as it goes, for the person at this terminal. The lock must be held.
///
/// A person who stops it with Ctrl-C is told what is safe and how to continue. Whatever acts at that moment is looked at when
/// the run is resumed, as after any other end.
pub(super) async fn drive(
    opened: Opened,
    world: &Arc<World>,
    waiting: Waiting,
) -> Result<StopReason, Problem> {
    let reporters = vec![progress::reporter(&opened)];
    tokio::select! {
        ended = control::drive(opened, world, reporters, waiting) => Ok(ended?),
        _ = tokio::signal::ctrl_c() => Err(Problem::stopped()),
    }
}

/// Says how the run ended, writes the report if it is over, and gives the exit code.
pub(super) fn conclude(home: &Home, ended: StopReason) -> Result<Exit, Problem> {
    let opened = home.open()?;
    match ended {
        StopReason::Finished => {
            terminal::out(Report::from(&opened.plan, &opened.events).to_string());
            terminal::note(format!("report: {}", home.folder.report().display()));
            Ok(Exit::Done)
        }
        StopReason::Aborted => {
            terminal::out(status::called_off(&Commands::of(&opened)));
            Ok(Exit::Decision)
        }
        StopReason::Held => {
            let status = status::of(&opened);
            terminal::out(status::holds(&status, &Commands::of(&opened), opened.now()));
            Ok(held(&status))
        }
    }
}

/// What follows a decision.
pub(super) fn continue_with(opened: &Opened) -> String {
    format!("continue with: {}", Commands::of(opened).word(&NextAction::Resume))
}

/// Opens a run for a decision. It is read again once it is locked: somebody may have driven it until then.
pub(super) fn open_to_decide(home: &Home) -> Result<(Lock, Opened), Problem> {
    // Where there is no run, that is said, and not that it cannot be locked.
    drop(home.open()?);
    let lock = home.lock()?;
    Ok((lock, home.open()?))
}

/// Records a decision, and says what follows from it.
pub(super) fn decided(opened: &mut Opened, accepted: Accepted, verb: &str) -> Result<Exit, Problem> {
    let Accepted { event, step, by, means, asked } = accepted;
    if let Some(question) = asked {
        terminal::out(terminal::indented(&question));
    }
    opened.record(event)?;
    terminal::out(format!("{by} {verb} {step}: {means}"));
    terminal::out(continue_with(opened));
    Ok(Exit::Done)
}

/// The exit code of a run that is held: the gravest of what holds it.
pub(super) fn held(status: &Status) -> Exit {
    let blamed = |blame: Blame| status.failed.iter().any(|failed| failed.blame == blame);
    let decision = status.asked.iter().any(|asked| match asked.question.kind {
        QuestionKind::Conflict { .. } | QuestionKind::Decision | QuestionKind::Tree { .. } => true,
        QuestionKind::Approval { .. } | QuestionKind::Confirmation => false,
    });
    if blamed(Blame::Internal) {
        Exit::Internal
    } else if decision {
        Exit::Decision
    } else if blamed(Blame::Input) {
        Exit::BadInput
    } else if blamed(Blame::Outside) {
        Exit::Outside
    } else {
        Exit::Waiting
    }
}
