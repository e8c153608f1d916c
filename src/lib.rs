//! Lockgate carries a security fix under embargo to every supported release line and lets it through in order.
//!
//! Files become a plan, a plan becomes a run, a run takes steps, steps act on a world; see README.md for the
//! words. This file is the table of contents.

pub mod catalog;
pub mod cli;
pub mod clock;
pub mod egress;
pub mod emulator;
pub mod folder;
pub mod git;
pub mod github;
pub mod ids;
pub mod input;
pub mod mail;
pub mod path_glob;
pub mod plan;
pub mod registry;
pub mod release;
pub mod report;
pub mod run;
pub mod snapshot;
pub mod steps;
pub mod survey;
pub mod testing;
pub mod tls;
pub mod version;
pub mod workflow;
pub mod world;
