//! The command line: one file per subcommand; the only room that prints, prompts or exits.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is this room's work")]

mod abort;
mod amend;
mod answer;
mod approve;
mod arguments;
mod assess;
mod backport;
mod bar;
mod board;
mod command;
mod comparison;
mod completing;
mod completions;
mod confirm;
mod credentials;
mod crew;
mod disclose_now;
mod doctor;
mod drive;
mod effects;
mod emulate;
mod exit;
mod fit;
mod identity;
mod init;
mod later;
mod log;
mod man;
mod matrix;
mod mirrors;
mod place;
mod plan;
mod private_file;
mod problem;
mod progress;
mod rehearsal_problem;
mod rehearse;
mod report;
mod resolve;
mod run;
mod schema;
mod schema_file;
mod screen;
mod secrets;
mod show;
mod signed_approval;
mod status;
mod stay;
mod table;
mod tame;
mod temporary;
mod terminal;
mod undo;
mod waive;
mod withdraw;
mod work_tree;
mod worker;
mod world;
mod written;

#[cfg(test)]
mod tests;

pub use arguments::{main, understood};
