//! The cases of the backport engine (BP-01 to BP-50, as far as they lie here), each a short story on a small
//! repository.

mod affected;
mod against_git;
mod conflicts;
mod fixes;
mod followed_attributes;
mod help;
mod lock_files;
mod mutual;
mod outcomes;
mod patches;
mod review;
mod scenario;
mod scene;
mod stacks;
mod store;
mod touched;

// What the cases use of the engine and of git.
use super::affected::assess::{AssessRequest, Assessment, Assessor, Evidence, Verdict};
use super::affected::carried::tags_by_line;
use super::history::fixed_by::FixedBy;
use super::merging::conflict::{Conflict, ConflictKind};
use super::merging::noise::{Noise, NoiseRules};
use super::merging::opinion::{Confirmation, SecondOpinion};
use super::picking::batch::{Batch, BatchAnswer};
use super::picking::chain::{Help, NewerLine};
use super::picking::lock_files::{LockFiles, WrittenLockFiles};
use super::picking::memory::{Learnt, Memory};
use super::picking::mutual::{Carry, Line, Mutual};
use super::picking::outcome::{Doubt, HelpedBy, Outcome, Pick};
use super::picking::pick::{HistorySearch, Picker};
use super::picking::request::{Against, Onto, PickRequest};
use super::picking::series::{HowMerged, PullCommits};
use super::picking::stack::{Item, Merges, Stack, StackProgress, StackedState, stack_with_help};
use crate::git::with_trailer;
use crate::git::*;
