//! One execution of one plan: its events, its journal, its state, and the engine that drives it.

mod engine;
mod event;
mod journal;
mod lock;
mod record;
mod state;

pub use engine::{Ended, Engine, EngineError};
pub use event::{Event, Reporter};
pub use journal::{Journal, JournalError};
pub use lock::{Lock, LockError};
pub use record::{How, Record, Stamped};
pub use state::{Standing, State};
