//! Objects as libgit2 has them, for the engine of backports alone: what it merges and follows, nobody else opens.
//!
//! Whatever else is told of this room's inside is told here, so that `backport` names no file of it.

pub(crate) use super::error::WhileDoing;
pub(crate) use super::objects::blobs::is_binary;
pub(crate) use super::objects::by_id::{ById, ByPair, Ids};
pub(crate) use super::objects::entry::{EntryKind, PathBytes, TreeChange, TreeEntry, above, split};
pub(crate) use super::objects::message::reverts;
pub(crate) use super::objects::raw_tree::{EntryPair, RawTree, differing};
pub(crate) use super::objects::sink::Sink;
pub(crate) use super::objects::store::{commit_id, lookup, oid, tree_id, tree_oid};
pub(crate) use super::objects::tree::{Lookup, Updates, changes, files_under, updated, updated_into};
