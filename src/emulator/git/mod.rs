//! The repositories of the world: plain bare git repositories, read and written with libgit2.
//!
//! Only merging and copying between repositories call the `git` program, because GitHub merges as it does.

mod diff;
mod history;
mod ids;
mod layout;
mod merge;
mod program;
mod refs;

pub(crate) use diff::{diff, patches};
pub(crate) use history::{
    Changed, changed_files, commits_between, compare, is_ancestor, message_of, tree_entry,
};
pub(crate) use ids::{commit_id, object};
pub(crate) use layout::{HIDDEN_FROM_PUSHES, make_repository, protect};
pub(crate) use merge::{Author, MergeFailure, Merging, make_merge, merged_tree};
pub use program::GitFailure;
pub(crate) use program::{answer, bring, command};
pub(crate) use refs::{
    branch_tip, branches, delete_ref, read_ref, reference_tips, resolve, set_ref, watched_refs,
};
