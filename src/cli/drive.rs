//! Driving a run: takes steps until it is finished or held, and says what holds it.

use std::sync::Arc;

use super::exit::Exit;
use super::home::{Home, Opened, operator};
use super::problem::Problem;
use super::progress;
use super::status::Status;
use super::terminal;
use crate::plan::Plan;
use crate::report::Report;
use crate::run::{Ended, Engine, Event, Journal};
use crate::steps::{Blame, QuestionKind};
use crate::world::World;

/// Writes the first facts of a new run. Everything is on disk when this returns, and nothing was done yet.
pub(super) fn begin(home: &Home, plan: &Plan, world: &World) -> Result<(), Problem> {
    let mut journal = Journal::create(&home.folder.journal(), plan)?;
    journal.append(world.clock.now(), started(plan)?)?;
    Ok(())
}

fn started(plan: &Plan) -> Result<Event, Problem> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Event::Started { operator: operator(), plan: plan.digest()?, version })
}

/// Takes the run up again: questions are asked anew and failures get new attempts.
pub(super) fn take_up(home: &Home, world: &World) -> Result<(), Problem> {
    let mut opened = home.open()?;
    let record = if opened.events.is_empty() {
        // Killed between the plan and the first fact.
        started(&opened.plan)?
    } else {
        Event::Resumed { operator: operator() }
    };
    opened.journal.append(world.clock.now(), record)?;
    Ok(())
}

/// Drives the run as far as it goes. The lock must be held.
pub(super) async fn drive(home: &Home, world: &Arc<World>) -> Result<Ended, Problem> {
    let mut journal = Journal::open(&home.folder.journal())?;
    let plan = Arc::new(journal.plan()?);
    let mut reporter = progress::reporter(&plan, &journal.events()?);
    let folder = home.folder.clone();
    let mut engine = Engine::new(plan, Arc::clone(world), folder, &mut journal, reporter.as_mut())?;
    Ok(engine.drive().await?)
}

/// Says how the run ended, writes the report if it is over, and gives the exit code.
pub(super) fn conclude(home: &Home, ended: Ended) -> Result<Exit, Problem> {
    let opened = home.open()?;
    match ended {
        Ended::Finished => {
            terminal::out(write_report(home, &opened)?.to_string());
            terminal::note(format!("report: {}", home.folder.report().display()));
            Ok(Exit::Done)
        }
        Ended::Aborted => {
            terminal::out(
                "the release was called off; `lockgate abort` lists again what was done and how to undo it",
            );
            Ok(Exit::Decision)
        }
        Ended::Held => {
            let status = Status::of(&opened);
            status.print_holds();
            Ok(held(&status))
        }
    }
}

/// Writes `report.json` and gives the report.
pub(super) fn write_report(home: &Home, opened: &Opened) -> Result<Report, Problem> {
    let report = Report::from(&opened.plan, &opened.events);
    let path = home.folder.report();
    std::fs::write(&path, report.to_json()?)
        .map_err(|error| super::home::io_problem("write the report", &path, &error))?;
    Ok(report)
}

/// The exit code of a run that is held: the gravest of what holds it.
pub(super) fn held(status: &Status) -> Exit {
    let blamed = |blame: Blame| status.failed.iter().any(|failed| failed.blame == blame);
    let decision = status
        .asked
        .iter()
        .any(|asked| matches!(asked.question.kind, QuestionKind::Conflict { .. } | QuestionKind::Decision));
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
