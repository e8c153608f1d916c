//! One assessor a repository, for as long as a run lasts: what was read for one advisory, branch or version serves all others.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::assess::Assessor;
use crate::git::{GitError, Store};

/// The assessors of the repositories that were asked about.
#[derive(Default)]
pub struct Assessors(Mutex<BTreeMap<PathBuf, Arc<Mutex<Option<Assessor>>>>>);

impl Assessors {
    /// Lends the assessor of a repository. Whoever asks at the same time waits: what the first reads, the next need not.
    ///
    /// # Errors
    /// [`GitError::Open`] if the repository has gone, and what the work fails with.
    pub fn with<T>(
        &self,
        store: &Store,
        work: impl FnOnce(&mut Assessor) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let place = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(store.path().to_owned()).or_default())
        };
        let mut kept = place.lock().unwrap_or_else(|poisoned| {
            // What a thread left half done is not built on.
            let mut kept = poisoned.into_inner();
            *kept = None;
            kept
        });
        let mut assessor = match kept.take() {
            Some(assessor) => assessor,
            None => Assessor::new(store)?,
        };
        let result = work(&mut assessor);
        *kept = Some(assessor);
        result
    }
}

impl fmt::Debug for Assessors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assessors").finish_non_exhaustive()
    }
}
