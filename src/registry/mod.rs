//! Package registries: whether a version is available. Reads only.
//!
//! Asked over each registry's own protocol, so that a rehearsal's registry and the real one answer alike.

mod again;
mod answer;
mod client;
mod facts;
mod package;
mod protocol;

#[cfg(test)]
mod tests;

pub use answer::RegistryAnswer;
pub use client::{Registry, RegistryError};
pub use package::RegistryPackage;
pub use protocol::Protocol;
