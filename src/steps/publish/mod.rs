//! The public part of a fix: its branch, its pull request, its merge, and the comparison with what was proven.

// The kinds of step.
pub(super) mod await_checks;
pub(super) mod compare_tree;
pub(super) mod delete_branches;
pub(super) mod merge_patch;
pub(super) mod open_pull;
pub(super) mod publish_branch;

// What they share.
pub(super) mod answer;
pub(super) mod by_hand;
pub(super) mod checks_of;
pub(super) mod merged_pulls;
pub(super) mod merging;
pub(super) mod public;
mod pull_runs;
mod queue;
pub(super) mod reviews;
pub(super) mod since_merged;
