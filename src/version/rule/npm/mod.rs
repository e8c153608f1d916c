//! Node packages: the manifest, what else of the workspace states its version, and the lock files.

mod lines;
mod lock;
mod members;
mod rule;

pub use rule::Npm;

#[cfg(test)]
mod tests;
