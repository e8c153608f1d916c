//! The command line: one file per subcommand; the only room that prints, prompts or exits.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is this room's work")]

mod abort;
mod approve;
mod arguments;
mod assess;
mod backport;
mod bar;
mod command;
mod completions;
mod confirm;
mod derived;
mod drive;
mod emulate;
mod emulated;
mod exit;
mod expect;
mod log;
mod mirrors;
mod plan;
mod problem;
mod progress;
mod rehearse;
mod resolve;
mod run;
mod schema;
mod status;
mod terminal;
mod waive;
mod work_tree;
mod world;

pub use arguments::main;
