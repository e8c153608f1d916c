//! Objects and references of one repository: reading, writing, and what stays in memory until it is kept.

pub(super) mod blobs;
pub(super) mod borrow;
pub(super) mod by_id;
pub(super) mod checkout;
pub(super) mod commits;
pub(super) mod committer;
pub(super) mod draft;
pub(super) mod entry;
pub(super) mod files;
pub(super) mod identity;
pub(super) mod listing;
pub(super) mod merge;
pub(super) mod message;
pub(super) mod own_ref;
pub(super) mod partial;
pub(super) mod patch_file;
pub(super) mod patch_lines;
pub(super) mod raw_tree;
pub(super) mod rewrite;
pub(super) mod signature;
pub(super) mod signer;
pub(super) mod sink;
pub(super) mod store;
pub(super) mod tree;
pub(super) mod trust;
pub(super) mod untracked;
