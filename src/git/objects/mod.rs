//! Objects and references of one repository: reading, writing, and what stays in memory until it is kept.

pub(crate) mod blobs;
pub(crate) mod borrow;
pub(crate) mod by_id;
pub(crate) mod checkout;
pub(crate) mod commits;
pub(crate) mod draft;
pub(crate) mod files;
pub(crate) mod listing;
pub(crate) mod message;
pub(crate) mod own_ref;
pub(crate) mod partial;
pub(crate) mod patch_file;
pub(crate) mod raw_tree;
pub(crate) mod rewrite;
pub(crate) mod signature;
pub(crate) mod sink;
pub(crate) mod store;
pub(crate) mod tree;
