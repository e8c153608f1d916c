//! The private part of a fix: imported, assessed, carried to every branch, stacked and proven.

// The kinds of step.
pub(super) mod assess;
pub(super) mod assess_versions;
pub(super) mod backport;
pub(super) mod import_fix;
pub(super) mod open_private_pull;
pub(super) mod prove;
pub(super) mod push_private;
pub(super) mod stack;

// What they share.
pub(super) mod absent;
pub(super) mod carrying;
pub(super) mod conflict;
pub(super) mod foundation;
pub(super) mod help;
pub(super) mod idle;
pub(super) mod left_out;
pub(super) mod lines;
pub(super) mod lock_files;
pub(super) mod new_line;
pub(super) mod older_head;
pub(super) mod own_notes;
pub(super) mod patch_files;
pub(super) mod pile;
pub(super) mod pull_series;
pub(super) mod push_rules;
pub(super) mod release_note;
pub(super) mod remote_head;
pub(super) mod resolution;
pub(super) mod review;
pub(super) mod series;
mod skipping;
pub(super) mod stacked;
pub(super) mod stated_ranges;
pub(super) mod upward;
pub(super) mod version_table;
pub(super) mod written;
