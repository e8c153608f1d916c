//! Lockgate carries a security fix under embargo to every supported release line and lets it through in order.
//!
//! Files become a plan, a plan becomes a run, a run takes steps, steps act on a world; see `docs/src/words.md` for the
//! words and `docs/architecture.md` for the rooms. This file is the table of contents; what it exports is the whole
//! surface: the command line, whether it understands a command, and what the benches measure.
// Every module is private, so `missing_docs` alone would reach next to nothing (see clippy.toml).
#![cfg_attr(not(test), warn(clippy::missing_docs_in_private_items))]

mod archive_address;
mod backport;
mod by_hand;
mod catalog;
mod cli;
mod clock;
mod code_owners;
mod control;
mod credit;
mod discovery;
mod ecosystem;
mod egress;
mod emulator;
mod failure;
mod folder;
mod git;
mod github;
mod ids;
mod input;
mod jobs;
mod kinds;
mod mail;
mod matrix;
mod merge_rules;
mod next_action;
mod numbering;
mod pace;
mod path_glob;
mod plan;
mod planning;
mod private_folder;
mod programs;
mod push_rules;
mod records;
mod registry;
mod rehearsal;
mod release;
mod report;
mod resolution;
mod run;
mod runner;
mod shared_answers;
mod skip_mark;
mod snapshot;
mod steps;
mod tls;
mod token;
mod version;
mod weakness;
mod wording;
mod workers;
mod workflow;
mod world;

pub use backport::{
    Against, AssessRequest, Assessor, Carry, Help, HistorySearch, Line, Memory, Merges, Mutual, NewerLine,
    Noise, NoiseRules, Onto, Outcome, Pick, PickRequest, Picker, Verdict,
};
pub use catalog::Catalog;
pub use cli::{main, understood};
pub use git::{Signature, Store};
pub use ids::{CommitId, TreeId};
pub use input::{InputError, Source};
pub use matrix::{
    ActionFiles, Architecture, Capabilities, CiEntry, CiEvent, EventKind, JobFacts, Library, OperatingSystem,
    WorkflowFile, plan_after, plan_event,
};
pub use numbering::Scheme;
pub use plan::{Inputs, build as build_plan, check as check_plan};
pub use release::Release;
pub use runner::{EntryEvidence, EntryProgress, EntryProver, MatrixOrder, TimeLeft, Wish, run_matrix};
pub use snapshot::{AdvisoryState, BranchState, RepoState, Snapshot};
pub use workflow::Workflow;
