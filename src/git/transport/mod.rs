//! Transport by HTTP of our own where a token is given and nothing stands in the way (`web.rs`), and by the `git` program elsewhere: it
//! knows proxies, certificates, SSH, and whatever the user has set.
//!
//! A token goes in through the environment of the one child that needs it: never into an argument, an address
//! or a configuration file. Nothing here knows whether the other side is GitHub, the emulator or a directory.

mod bundle;
mod classify;
mod command;
mod error;
mod exchange;
mod headers;
mod listings;
mod new_objects;
mod outgoing_pack;
mod packet_lines;
mod push;
mod receive_pack;
mod remote;
mod silence;
mod turns;
mod web;
mod web_fetch;
mod web_listing;
mod web_push;
mod work_copy;

#[cfg(test)]
mod tests;

pub use bundle::{fetch_commit, read_bundle, write_bundle};
pub use error::TransportError;
pub use listings::RemoteRefs;
pub use push::RefUpdate;
pub use remote::Transport;
pub use work_copy::{FetchDepth, checkout_command, copy_module, repository_with, work_copy};
