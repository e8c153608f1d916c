//! The release of a line: its version bump, its start, and everything that it must leave.

// The kinds of step.
pub(super) mod await_bump_checks;
pub(super) mod await_registry;
pub(super) mod await_release;
pub(super) mod correct_latest;
pub(super) mod draft_release;
pub(super) mod merge_bump;
pub(super) mod open_bump;
mod packages;
pub(super) mod prepare_bump;
pub(super) mod prepare_development;
pub(super) mod prepare_merge;
pub(super) mod prepare_release;
pub(super) mod publish_release;
pub(super) mod trigger_release;
mod updated_branch;
pub(super) mod verify_target;

// What they share.
pub(super) mod bump;
pub(super) mod bump_command;
pub(super) mod checkout;
mod github_releases;
pub(super) mod purpose;
pub(super) mod tree_files;
