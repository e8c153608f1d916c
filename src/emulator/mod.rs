//! The emulated world: GitHub over HTTP on bare git repositories, with package registries beside it.
//!
//! Rehearsals and tests talk to it by the wire only; it never uses the crate's GitHub client. The directory of
//! a world is a contract: `git/OWNER/REPO.git` are plain bare repositories, `requests.jsonl` has one line per
//! API request, `world.db` is the model. Everything happens by the world's clock, nothing by the machine's.

mod budget;
mod ci;
mod faults;
mod git;
pub mod history;
mod inventory;
mod json;
mod model;
mod pattern;
mod reactions;
mod routes;
mod server;
mod setup;
pub mod spec;
mod store;
#[cfg(test)]
mod tests;
mod world;

pub use faults::FaultRule;
pub use inventory::{Inventory, PublicChange, PublicItem, PublicKind};
pub use server::{Emulator, MailFate, Serving};
pub use world::EmulatorError;
