//! Fetches of the same references into the same store take turns.
//!
//! git locks each reference only while it writes it: of two fetches that both saw the old commit, the later one fails with
//! `cannot lock ref … is at … but expected …`. Two advisories of a branch whose head moved fetch it at the same moment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// A store, and what is fetched into it.
type FetchedRefs = (PathBuf, Vec<String>);

/// Whose turn it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Mutex<BTreeMap<FetchedRefs, Arc<tokio::sync::Mutex<()>>>>>);

impl Turns {
    /// Waits until no other fetch of these references is under way; none begins while the guard lives.
    pub(super) async fn take(&self, store: &Path, refspecs: &[&str]) -> OwnedMutexGuard<()> {
        let place = (store.to_owned(), refspecs.iter().map(ToString::to_string).collect());
        let turn =
            Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(place).or_default());
        turn.lock_owned().await
    }
}
