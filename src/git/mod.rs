//! Git: objects, trees and picks by libgit2 in memory; transport by the user's `git` program.
//!
//! Everything here works on bare repositories and never needs a work tree. Reading and picking write nothing;
//! what writes says "Writes." in its description. This file is the table of contents.

mod assess;
mod batch;
mod borrow;
mod by_id;
mod carried;
mod chain;
mod checkout;
mod conflict;
mod difference;
mod draft;
mod error;
mod evidence;
mod file_merge;
mod files;
mod history;
mod likeness;
mod listing;
mod lock_files;
mod marked;
mod memory;
mod merge;
mod message;
mod noise;
mod outcome;
mod partial;
mod patch_file;
mod pick;
mod presence;
mod proposal;
mod raw_tree;
mod renames;
mod review;
mod rewrite;
mod second;
mod series;
mod signature;
mod similarity;
mod stack;
mod store;
mod text_merge;
mod touched;
mod transport;
mod tree;
mod turnover;
mod window;

#[cfg(test)]
mod cases;

pub use assess::{AssessRequest, Assessment, Evidence, Verdict};
pub use batch::{Answer, Batch, Case};
pub use carried::{TagVerdict, tags_by_line};
pub use chain::{Help, NewerLine};
pub use conflict::{Conflict, ConflictKind, Version};
pub use difference::{ChangedLine, LineChange};
pub use error::GitError;
pub use history::CommitInfo;
pub use lock_files::{LockFiles, Written};
pub use memory::{Learnt, Memory, Remembered};
pub use message::{picked_from, reverts, with_trailer};
pub use noise::{Noise, NoiseRules};
pub use outcome::{Confirmation, Doubt, FixedBy, HelpedBy, Moved, Outcome, Pick};
pub use pick::{Against, HistorySearch, Onto, PickRequest, Picker};
pub use presence::{HunkPresence, Presence, Search};
pub use proposal::{Proposer, Versions};
pub use review::{Comparison, Marker};
pub use second::SecondOpinion;
pub use series::{MergeMethod, PullCommits, Series, SeriesChange};
pub use signature::Signature;
pub use stack::{Item, Merges, Progress, Stack, Stacked, StackedState, stack, stack_with_help};
pub use store::{Expected, Reference, Store};
pub use text_merge::Hunk;
pub use touched::{Touched, Toucher};
pub use transport::{Backup, PushOutcome, RefUpdate, Rejection, Transport, TransportError};
