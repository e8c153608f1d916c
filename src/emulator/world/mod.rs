//! The emulated world: the model in memory, its file on disk, and the repositories beside it. What happens by itself
//! stands above it, in `ci` and `reactions`.

mod assets;
mod error;
mod handles;
mod latest;
mod listing;
mod merges;
mod repositories;
mod state;

pub use error::EmulatorError;
pub(crate) use error::at;
pub(crate) use handles::Handle;
pub(crate) use state::{EmulatedWorld, FACTS, WorldFacts};
