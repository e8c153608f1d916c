//! Transport by the `git` program: it knows proxies, certificates, atomic pushes and expected old ids. Lists of references alone, which
//! are asked for all the time, are two requests of our own where nothing stands in the way (`web_listing.rs`).
//!
//! A token goes in through the environment of the one child that needs it: never into an argument, an address
//! or a configuration file. Nothing here knows whether the other side is GitHub, the emulator or a directory.

mod bundle;
mod classify;
mod command;
mod error;
mod headers;
mod listings;
mod packet_lines;
mod push;
mod remote;
mod silence;
mod turns;
mod web_listing;
mod work_copy;

#[cfg(test)]
mod tests;

pub use bundle::{fetch_commit, read_bundle, write_bundle};
pub use error::TransportError;
pub use listings::RemoteRefs;
pub use push::RefUpdate;
pub use remote::Transport;
pub use work_copy::{FetchDepth, checkout_command, copy_module, repository_with, work_copy};
