//! Git: objects, trees and picks by libgit2 in memory; transport by the user's `git` program.
//!
//! Everything here works on bare repositories and never needs a work tree. Reading and picking write nothing;
//! what writes says "Writes." in its description. This file is the table of contents:
//!
//! - `objects`: one repository's objects and references, and the in-memory store that a pick is made in;
//! - `merging`: the three-way merge that reads only what a fix touches, and the second engine that checks it;
//! - `history`: what commits say of themselves and of one another, and who last touched a line;
//! - `picking`: a fix onto branches, one, stacked or many at once, and what helps where it conflicts;
//! - `affected`: whether a branch or a released version is affected, with the evidence;
//! - `showing`: differences for people, and what a gate must see;
//! - `transport`: clones, fetches and pushes.

mod affected;
mod error;
mod history;
mod merging;
mod objects;
mod picking;
mod showing;
mod transport;

#[cfg(test)]
mod cases;

pub use affected::assess::{AssessRequest, Assessment, Evidence, Verdict};
pub use affected::carried::{TagVerdict, tags_by_line};
pub use affected::presence::{HunkPresence, Presence, Search, Share};
pub use error::GitError;
pub use history::commits::CommitInfo;
pub use history::message::{picked_from, reverts, with_trailer};
pub use history::touched::{Touched, Toucher};
pub use merging::conflict::{Conflict, ConflictKind, Version};
pub use merging::noise::{Noise, NoiseRules};
pub use merging::second::SecondOpinion;
pub use merging::text_merge::Hunk;
pub use objects::signature::Signature;
pub use objects::store::{Expected, Reference, Store};
pub use picking::batch::{Answer, Batch, Case};
pub use picking::chain::{Help, NewerLine};
pub use picking::lock_files::{LockFiles, Written};
pub use picking::memory::{Learnt, Memory, Remembered};
pub use picking::mutual::{Carry, Line, Mutual};
pub use picking::outcome::{Confirmation, Doubt, FixedBy, HelpedBy, Moved, Outcome, Pick};
pub use picking::pick::{Against, HistorySearch, Onto, PickRequest, Picker};
pub use picking::proposal::{Proposer, Versions};
pub use picking::series::{MergeMethod, PullCommits, Series, SeriesChange};
pub use picking::stack::{Item, Merges, Progress, Stack, Stacked, StackedState, stack_with_help};
pub use showing::difference::{ChangedLine, LineChange};
pub use showing::review::{Comparison, Marker};
pub use transport::{Backup, PushOutcome, RefUpdate, Rejection, Transport, TransportError};
