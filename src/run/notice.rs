//! What a run tells while it goes on: the facts as they are written, and what passes without being written.

use jiff::Timestamp;

use super::event::StampedEvent;
use crate::ids::StepName;

/// Something happened in a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A fact was written to the journal.
    Recorded(StampedEvent),
    /// A step looks at the world.
    Observing(StepName),
    /// A step acts.
    Acting(StepName),
    /// Nothing moves until this hour.
    Sleeping(Timestamp),
}

/// Whoever wants to hear of events, in order. It cannot hold the run up or fail it.
pub trait Reporter: Send {
    /// Takes one notice.
    fn notice(&mut self, notice: &Notice);
}

/// Hears nothing.
impl Reporter for () {
    fn notice(&mut self, _notice: &Notice) {}
}
