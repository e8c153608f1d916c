//! Git: objects, trees and picks by libgit2 in memory; transport by the user's `git` program.
//!
//! Everything here works on bare repositories and never needs a work tree. Reading and picking write nothing;
//! what writes says "Writes." in its description. This file is the table of contents.

mod error;
mod files;
mod history;
mod signature;
mod store;

pub use error::GitError;
pub use history::CommitInfo;
pub use signature::Signature;
pub use store::{Expected, Reference, Store};
