//! Driving a run: it is begun or resumed, and its steps are taken until it is finished or held.

use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;

use super::disk::{DiskError, write_whole};
use super::home::Home;
use super::inbox::InboxFolder;
use super::opened::Opened;
use super::operator::{host, operator};
use crate::kinds::StepKind;
use crate::plan::Plan;
use crate::report::Report;
use crate::run::{Engine, EngineError, Event, Journal, JournalError, Reporter, Seat, State, StopReason};
use crate::world::World;

/// Why a run cannot be driven.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The engine cannot go on.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The report cannot be written.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The plan or the report cannot be put into JSON.
    #[error("failed to put the plan or the report into JSON")]
    Json(#[from] serde_json::Error),
}

/// Writes the first facts of a new run. Everything is on disk when this returns, and nothing was done yet.
///
/// # Errors
/// When the journal cannot be written.
pub fn begin(home: &Home, plan: &Plan, world: &World) -> Result<Opened, DriveError> {
    keep_assets(home, plan)?;
    let mut journal = Journal::create(&home.folder.journal(), plan)?;
    journal.append(world.clock.now(), started(home, plan)?)?;
    if let Some(inherited) = home.inheritance()? {
        journal.append(world.clock.now(), inherited)?;
    }
    home.note_begun()?;
    Ok(home.open()?)
}

/// Copies the files that are attached to releases: what is uploaded on the day is what was there when the plan was made.
pub(super) fn keep_assets(home: &Home, plan: &Plan) -> Result<(), DiskError> {
    for path in plan.inputs.assets.keys() {
        let (from, to) = (home.files.join(path), home.folder.asset(path));
        let made = to.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::copy(&from, &to)).map_err(DiskError::to("keep a copy of", &from))?;
    }
    Ok(())
}

fn started(home: &Home, plan: &Plan) -> Result<Event, DriveError> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Event::Started { operator: operator(), plan: plan.digest()?, version, seat: seat(home) })
}

/// Where the run's journal lies, where this machine can tell.
fn seat(home: &Home) -> Option<Seat> {
    let file = std::fs::metadata(home.folder.journal()).ok()?.ino();
    Some(Seat { host: host(), file: Some(file) })
}

/// The same of a run that goes on: without the note of its end it may be an older state.
fn seat_again(home: &Home) -> Option<Seat> {
    let known = Journal::has_known_end(&home.folder.journal());
    seat(home).map(|seat| Seat { file: seat.file.filter(|_| known), ..seat })
}

/// Resumes the run: questions are asked again and failures get new attempts.
///
/// # Errors
/// When the journal cannot be written.
pub fn resume(home: &Home, world: &World) -> Result<Opened, DriveError> {
    let mut opened = home.open()?;
    let event = if opened.events.is_empty() {
        // Killed between the plan and the first fact.
        started(home, &opened.plan)?
    } else {
        Event::Resumed { operator: operator(), seat: seat_again(home) }
    };
    opened.record_at(world.clock.now(), event)?;
    Ok(opened)
}

/// Which waits a run sits through by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Short ones; it ends at a long one, and is resumed.
    Short,
    /// Every one that the clock or a service ends.
    UntilItMoves,
}

/// Drives the run as far as it goes, and writes `report.json` once everything is public and checked, although something
/// may be owed still. The lock must be held.
///
/// # Errors
/// When the journal or the report cannot be written.
pub async fn drive(
    opened: Opened,
    world: &Arc<World>,
    mut reporters: Vec<Box<dyn Reporter>>,
    waiting: Waiting,
) -> Result<StopReason, DriveError> {
    let inbox = InboxFolder::open(&opened.home().folder, &opened.events);
    let (home, mut journal, plan, state) = opened.into_parts();
    let folder = home.folder.clone();
    let plan = Arc::new(plan);
    let (driven, world) = (Arc::clone(&plan), Arc::clone(world));
    let mut engine =
        Engine::new((driven, state), world, folder, &mut journal, &mut reporters).reading(Box::new(inbox));
    if waiting == Waiting::UntilItMoves {
        engine = engine.staying();
    }
    let ended = engine.drive().await?;
    if is_reportable(&plan, engine.state()) {
        write_report(&home.open()?)?;
    }
    Ok(ended)
}

/// Whether the report's step is done; a workflow without one is reported when the run is finished.
fn is_reportable(plan: &Plan, state: &State) -> bool {
    state.finished || plan.of_kind(StepKind::FinalReport).any(|step| state.is_done(&step.name))
}

/// Writes `report.json`, the only writer of it, and gives the report.
///
/// # Errors
/// When the disk refuses.
pub fn write_report(opened: &Opened) -> Result<Report, DriveError> {
    let report = Report::from(&opened.plan, &opened.events);
    write_whole(&opened.home().folder.report(), &report.to_json()?)?;
    Ok(report)
}
