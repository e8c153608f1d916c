//! A run that was started, as its journal has it.

use jiff::Timestamp;

use super::decisions::Decisions;
use super::home::{Home, HomeKind};
use crate::kinds::Visibility;
use crate::plan::{Inputs, Plan};
use crate::report::public_steps;
use crate::run::{Event, Journal, JournalError, StampedEvent, State};

/// A run that was started: its plan, its events and the state they add up to.
pub struct Opened {
    journal: Journal,
    /// The plan.
    pub plan: Plan,
    /// The facts.
    pub events: Vec<StampedEvent>,
    /// What the facts add up to.
    pub state: State,
    home: Home,
}

impl Home {
    /// Opens the run that was started here.
    ///
    /// # Errors
    /// When there is none, or its journal cannot be used.
    pub fn open(&self) -> Result<Opened, JournalError> {
        Opened::read(self)
    }
}

/// A journal that is not there may be lost: then something else of the run is.
fn told(home: &Home, error: JournalError) -> JournalError {
    match error {
        JournalError::Missing(_) if home.kind == HomeKind::Real => {
            home.lost().ok().flatten().unwrap_or(error)
        }
        JournalError::Missing(_) => home.lost_after_its_beginning().unwrap_or(error),
        error => error,
    }
}

/// The user's files are not those that the run was planned from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} changed since the run was started", .what.join(" and "))]
pub struct InputsChanged {
    /// What changed, each with its article: `the catalog`.
    pub(super) what: Vec<&'static str>,
}

impl Opened {
    fn read(home: &Home) -> Result<Opened, JournalError> {
        let (journal, events) = Journal::read(&home.folder.journal()).map_err(|error| told(home, error))?;
        let plan = journal.plan(&events).map_err(|error| told(home, error))?;
        let state = State::fold(&events);
        Ok(Opened { journal, plan, events, state, home: home.clone() })
    }

    /// What the engine needs of it.
    pub(super) fn into_parts(self) -> (Home, Journal, Plan, State) {
        (self.home, self.journal, self.plan, self.state)
    }

    /// The decisions that people can take now.
    #[must_use]
    pub fn decisions(&self) -> Decisions<'_> {
        Decisions::new(&self.plan, &self.state)
    }

    /// Where the run is kept.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Writes what a person did, now.
    ///
    /// # Errors
    /// When the journal cannot be written: then it was not done.
    pub fn record(&mut self, event: Event) -> Result<(), JournalError> {
        self.record_at(self.now(), event)
    }

    /// The time of its world. In a rehearsal it is that of the last event: time stands still there.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.home.kind {
            HomeKind::Real => Timestamp::now(),
            HomeKind::Rehearsal => self.events.last().map_or_else(Timestamp::now, |last| last.at),
        }
    }

    /// Whether fixes are public by what this run did, or one in whose place it was started.
    #[must_use]
    pub fn embargo_is_over(&self) -> bool {
        public_steps(&self.events).iter().any(|(_, kind)| kind.visibility() == Visibility::Public)
    }

    /// Writes that the run continues by another plan. The plan is on disk before the fact that names it.
    pub(super) fn record_plan(&mut self, plan: Plan, event: Event) -> Result<(), JournalError> {
        self.journal.keep_plan(&plan)?;
        self.record(event)?;
        self.plan = plan;
        Ok(())
    }

    /// Writes a fact of this time.
    pub(super) fn record_at(&mut self, at: Timestamp, event: Event) -> Result<(), JournalError> {
        let stamped = self.journal.append(at, event)?;
        self.state.apply(&stamped);
        self.events.push(stamped);
        Ok(())
    }

    /// The user's files are what the run was planned from, or the run is refused: nothing is guessed (EN-04).
    ///
    /// # Errors
    /// With what changed.
    pub fn check_unchanged(&self, now: &Inputs) -> Result<(), InputsChanged> {
        let then = &self.plan.inputs;
        let what: Vec<&'static str> = [
            ("the catalog", now.catalog != then.catalog),
            ("the release file", now.release != then.release),
            ("the workflow", now.workflow != then.workflow),
            ("a patch file", now.patches != then.patches),
            ("a mail template", now.templates != then.templates),
            ("a file of a release", now.assets != then.assets),
        ]
        .into_iter()
        .filter_map(|(what, changed)| changed.then_some(what))
        .collect();
        if what.is_empty() { Ok(()) } else { Err(InputsChanged { what }) }
    }
}
