//! The coordinator of a run: it alone says what an entry came to.
//!
//! - `coordinate`: the run from the first question to the last bit that is taken away again;
//! - `crew`: who is there; `placing`: what each of them can run, and the queues that follow from it;
//! - `supply`: streams, queues, and what each worker needs; `upkeep`: how all of it is kept alive;
//! - `giving`: entries are given away; `jobs`: those that were; `hearing`: what is said of them; `verdict`: what of it
//!   counts.

mod coordinate;
mod crew;
mod giving;
mod hearing;
mod jobs;
mod placing;
mod settings;
mod supply;
mod upkeep;
mod verdict;

pub use coordinate::Coordinator;
pub use settings::{CrewSettings, Errand};
