//! One execution of one plan: its events, its journal, its state, and the engine that drives it.

mod engine;
mod event;
mod journal;
mod lock;
mod notice;
mod retry;
mod state;

pub use engine::{Ended, Engine, EngineError};
pub use event::{Event, How, StampedEvent};
pub use journal::{Journal, JournalError};
pub use lock::{Lock, LockError};
pub use notice::{Notice, Reporter};
pub use retry::Retry;
pub use state::{State, StepStatus};
