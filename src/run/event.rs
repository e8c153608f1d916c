//! What a run tells while it goes on: the facts as they are written, and what passes without being written.

use jiff::Timestamp;

use super::record::Stamped;
use crate::ids::StepName;

/// Something happened in a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A fact was written to the journal.
    Recorded(Stamped),
    /// A step looks at the world.
    Observing(StepName),
    /// A step acts.
    Acting(StepName),
    /// Nothing moves until this hour.
    Sleeping(Timestamp),
}

/// Whoever wants to hear of events, in order. It cannot hold the run up or fail it.
pub trait Reporter: Send {
    /// Takes one event.
    fn event(&mut self, event: &Event);
}

/// Hears nothing.
impl Reporter for () {
    fn event(&mut self, _event: &Event) {}
}
