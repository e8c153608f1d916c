//! Package registries: whether a version can be had. Reads only.
//!
//! Asked over each registry's own protocol, so that a rehearsal's registry and the real one answer alike.

mod answer;
mod client;
mod package;

#[cfg(test)]
mod tests;

pub use client::{Registry, RegistryError};
pub use package::{Ecosystem, Known, Package};
