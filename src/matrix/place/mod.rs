//! Where an entry can run: here, on another machine, or nowhere in a test. Steps are read, never run.
//!
//! The answer is an approximation from what is written: a script that calls a program through another one is not seen
//! through. `docs/src/matrix.md` lists what is looked at.

mod actions;
mod by_act;
mod call;
mod capabilities;
mod composite;
mod finding;
mod programs;
mod publishing;
mod script;
mod shell_words;
mod steps;

pub use actions::{StandIn, stand_in, without_submodules};
pub use capabilities::{ActionFiles, Actions, Capabilities, LocalActions};
pub use composite::action_inputs;
pub use finding::Place;
pub use programs::ASKED_PROGRAMS;
pub use script::script_effect;
pub use steps::place_of;
