//! Cargo workspaces: the version, the members that carry their own, what members require of each other, and the lock.

mod lock;
mod manifest;
mod members;
mod outside;
mod workspace;

pub(in crate::version) use manifest::Manifest;
pub use workspace::CargoWorkspace;
pub(in crate::version) use workspace::operator_length;

#[cfg(test)]
mod tests;
