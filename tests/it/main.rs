//! Stories that begin at the command line and end in what a user sees. One binary, one file per topic.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod backport;
mod bad_input;
mod cases;
mod circles;
mod committer;
mod conflict;
mod demo;
mod expectation;
mod faults;
mod fix;
mod gate;
mod github_release;
mod help;
mod hostile;
mod kill;
mod late_cve;
mod leak;
mod left_out;
mod lines;
mod lock_file;
mod mail;
mod manual;
mod marker;
mod merge_rules;
mod packages;
mod project;
mod proposal;
mod read;
mod real;
mod resolve;
mod stacked_fixes;
mod suites;
mod support;
mod tidy;
mod waits;
