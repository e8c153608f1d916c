//! What a repository shows of itself, as a catalog would say it, each fact with how it is known. Only reads.
//!
//! - `fact`: a fact, whether it was seen or is a guess, and why; `file_text`: what facts are read from;
//! - `history`: branches, tags and commits as far as they tell of habits;
//! - `found_package`: a package, as its manifest names it;
//! - `tags`, `lines`, `stated`, `packages`, `npm`, `notes`, `automation`, `commits`, `tests`: one group of facts each;
//! - `moved`, `marked`: what the newest releases show of where the version stands;
//! - `line_facts`: what single lines have otherwise;
//! - `repository`: all of them together; `catalog_text`, `catalog_packages`: the file that is written of them;
//! - `release_text`: the release file that is written of advisories; `practice`: one with invented ones.

mod automation;
mod build_files;
mod catalog_packages;
mod catalog_text;
mod commits;
mod constants;
mod fact;
mod file_text;
mod found_package;
mod history;
mod line_facts;
mod lines;
mod mailbox;
mod marked;
mod moved;
mod notes;
mod notes_dates;
mod notes_forward;
mod notes_fragments;
mod npm;
mod packages;
mod practice;
mod release_text;
mod repository;
mod stated;
mod stated_rule;
mod supported;
mod tags;
mod tests_of;
mod written;

pub use catalog_text::catalog_text;
pub use practice::{PRACTICE_FIX, PRACTICE_PATCH, practice_text};
pub use release_text::{DraftedAdvisory, release_text};
pub use repository::{Discovered, HostedFacts, discover};
