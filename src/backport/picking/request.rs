//! What is picked, and onto what.

use crate::ids::{CommitId, TreeId};

/// What to pick, and onto what.
#[derive(Debug, Clone)]
pub struct PickRequest {
    /// The commit whose change is wanted.
    pub fix: CommitId,
    /// The commit that the change is measured against.
    pub against: Against,
    /// Where it should go.
    pub onto: Onto,
}

/// What a fix's change is measured against.
#[derive(Debug, Clone, Default)]
pub enum Against {
    /// Its only parent; a merge is refused.
    #[default]
    Parent,
    /// The parent of this number, counted from 1, as `git cherry-pick -m`.
    Mainline(usize),
    /// Any commit: for a series picked as one.
    Commit(CommitId),
}

/// Where a fix should go.
#[derive(Debug, Clone)]
pub enum Onto {
    /// A branch's head. Its history can tell that the fix is there already.
    Commit(CommitId),
    /// A tree without history: something stacked, or resolved by hand.
    Tree(TreeId),
}
