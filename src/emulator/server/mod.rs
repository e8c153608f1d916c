//! The front: one listener for the API, git and the package registries.

mod git_http;
mod git_list;
mod git_service;
mod incoming;
mod listener;
mod log;
mod ls_refs;
mod mail;
mod pages;
mod push_check;
mod receive_refs;
mod registry;
mod reply;
mod requests;
mod state;
mod trouble;
mod viewer;

pub use listener::{Emulator, Serving};
pub use mail::MailFate;
