//! One execution of one plan: its events, its journal, its state, and the engine that drives it.

mod decision;
mod engine;
mod event;
mod fold;
mod frontier;
mod in_flight;
mod inbox;
mod journal;
mod journal_error;
mod lock;
mod notice;
mod retry;
mod seal;
mod state;
mod status;
mod tables;

#[cfg(test)]
mod tests;

pub use engine::{Engine, EngineError, StopReason};
pub use event::{Completion, Event, Inheritance, Proof, Seat, StampedEvent};
pub use inbox::{Inbox, Letter, until_mail};
pub use journal::Journal;
pub use journal_error::JournalError;
pub use lock::{Lock, LockError};
pub use notice::{Notice, Reporter};
pub use retry::Retry;
pub use state::State;
pub use status::StepStatus;
