//! The engine of backports: which branches need a fix, and the fix on each of them. Everything happens in memory, on bare
//! repositories; reading and picking write nothing.
//!
//! This file is the table of contents:
//!
//! - `merging`: the three-way merge that reads only what a fix touches, and the second engine that checks it;
//! - `history`: what histories say of a fix, and who last touched a line;
//! - `picking`: a fix onto branches, one, stacked or many at once, and what helps where it conflicts;
//! - `affected`: whether a branch or a released version is affected, with the evidence;
//! - `branches`: a fix carried to branches that somebody names, and which of them are affected, outside a release;
//! - `showing`: differences for people, and what a gate must see.

mod affected;
mod branches;
mod history;
mod merging;
mod picking;
mod showing;

#[cfg(test)]
mod cases;

pub use affected::assess::{AssessRequest, Assessment, Assessor, Evidence, Verdict};
pub use affected::assessors::Assessors;
pub use affected::carried::{TagPlace, place_tags};
pub use branches::assessed::{AssessedBranch, assess_branches};
pub use branches::carried::{
    BackportRequest, Backports, BranchAnswer, CarriedBranch, CarriedCommit, UnusableBranch,
};
pub use branches::covered::{CoverError, covered_branches};
pub use branches::written::{BranchWriteError, written_name};
pub use history::kinship::{Kinships, same_as};
pub use merging::noise::{Noise, NoiseRules};
pub use picking::batch::Batch;
pub use picking::chain::{Help, JoinedNotes, NewerLine};
pub use picking::histories::{HistoryMerge, merge_history};
pub use picking::lock_files::{LockFiles, WrittenLockFiles};
pub use picking::memory::Memory;
pub use picking::mutual::{Carry, Line, Mutual};
pub use picking::outcome::{Outcome, Pick};
pub use picking::pick::{HistorySearch, Picker};
pub use picking::proposal::{ConflictTexts, Proposer};
pub use picking::request::{Against, Onto, PickRequest};
pub use picking::resolved::{UnusableResolution, check_resolution};
pub use picking::series::{HowMerged, PullCommits, Series, SeriesChange};
pub use picking::stack::{Item, Merges, Stack, StackProgress, StackedState, stack_with_help};
pub use showing::review::{Marker, PickComparison};
pub use showing::touched::Touched;
#[cfg(test)]
pub use showing::touched::Toucher;
