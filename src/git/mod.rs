//! Git as a service: objects by libgit2, in memory and on disk; transport by the user's `git` program.
//!
//! Everything here works on bare repositories and never needs a work tree. What writes says "Writes." in its
//! description. What is made of objects (picks, merges, verdicts) is the work of `backport`, which builds on this room:
//!
//! - `objects`: one repository's objects and references, what commits say of themselves, and the in-memory store that a
//!   pick is made in;
//! - `transport`: clones, fetches and pushes;
//! - `plumbing`: what `backport` may use of libgit2's own objects, and nobody else.

mod error;
mod objects;
pub(crate) mod plumbing;
mod transport;

pub use error::GitError;
pub use objects::adopting::ListedRef;
pub use objects::commits::CommitInfo;
pub use objects::committer::Committer;
pub use objects::identity::{committer_in, configured_committer_in};
pub use objects::merge::MergedHistories;
pub use objects::message::{picked_from, with_sign_off, with_trailer};
pub use objects::patch_file::{check_mailbox, mailbox_commits};
pub use objects::signature::Signature;
pub use objects::signer::Signer;
pub use objects::ssh_signature::{sign_text, signing_key_of};
pub use objects::store::{ExpectedRef, Reference, Store};
pub use objects::submodules::{DEEPEST_SUBMODULES, Submodule};
pub use transport::{
    FetchDepth, RefUpdate, RemoteRefs, Transport, TransportError, checkout_command, copy_module,
    fetch_commit, read_bundle, repository_with, work_copy, write_bundle,
};
