//! The front: one listener for the API, git and the package registries.

mod budget;
mod git_http;
mod listener;
mod log;
mod registry;
mod requests;
mod state;
mod viewer;

pub use listener::{Emulator, Serving};
