//! The coordinator of a run: it alone says what an entry came to.
//!
//! - `coordinate`: the run from the first question to the last bit that is taken away again;
//! - `team`: the workers of a release, asked once and given trees again and again; `roll_call`: asking who is there;
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
mod roll_call;
mod settings;
mod supply;
mod team;
mod upkeep;
mod verdict;

pub use coordinate::Coordinator;
pub use settings::{CrewSettings, Sending};
pub use team::Team;
