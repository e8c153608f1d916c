//! Told histories: a directory of readable text from which a bare git repository is built.
//!
//! `history.toml` lists commits in order; each lays a directory of files over its branch or applies a patch.
//! Authors and dates are given, so the same text always gives the same commit ids, on every machine.

mod build;
mod error;
mod mirror;
mod settle;
#[cfg(test)]
mod tests;
mod told;
mod tree;

pub use error::HistoryError;
pub use settle::settle;
