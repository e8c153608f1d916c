//! Rehearsals: a release taken through a world that is emulated on this machine.
//!
//! The only room that may name the emulator. What it makes of it is a [`crate::world::World`] as every other, so that
//! nothing below can tell a rehearsal from the real thing. Nothing is printed here: a shell says what it hears.
//!
//! - `rehearsal_world`, `layout`, `specification`: the world that `world.toml` describes, laid out, opened and served;
//! - `derived`: the world that is made of a catalog, a release file and mirrors, where there is no `world.toml`;
//! - `performance`, `answers`: a rehearsal from its beginning to its end, with the gates answered as people would;
//! - `expectation`, `comparison`, `made`: what a replayed day came to, and how a rehearsal differs from it;
//! - `scenario`: what goes wrong in it;
//! - `service`: the world alone, for any client.

mod answers;
mod comparison;
mod derived;
mod error;
mod expectation;
mod layout;
mod made;
mod mirrors;
mod performance;
mod rehearsal_world;
mod scenario;
mod service;
mod specification;

pub use answers::Answered;
pub use comparison::{Comparison, DifferingPath, TreeComparison, compare};
pub use error::RehearsalError;
pub use expectation::{Expectation, MadeItem};
pub use layout::LayoutError;
pub use made::{MadeOutcome, Unexpected};
pub use mirrors::{Mirrors, UnusableMirror};
pub use performance::{Audience, Gates, News, Setting, examined, plan, rehearse};
pub use rehearsal_world::{RehearsalWorld, has_world};
pub use scenario::{Scenario, scenario_schema};
pub use service::WorldService;
pub use specification::{check_mirrors, world_schema};
#[cfg(test)]
pub use {comparison::ComparedTarget, expectation::MadeKind};

#[cfg(test)]
mod cases;
