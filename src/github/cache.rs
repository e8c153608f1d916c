//! What earlier answers said about repositories and branches, kept for the life of the client.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::repository::RepoVisibility;
use crate::ids::{BranchName, RepoName};
use crate::merge_rules::BranchRules;

/// Answers by their subject.
#[derive(Debug)]
pub(super) struct Cached<K, V>(Mutex<BTreeMap<K, V>>);

impl<K: Ord, V: Clone> Cached<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.lock().get(key).cloned()
    }

    pub(super) fn insert(&self, key: K, value: V) {
        self.lock().insert(key, value);
    }

    pub(super) fn forget(&self, key: &K) {
        self.lock().remove(key);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Default for Cached<K, V> {
    fn default() -> Cached<K, V> {
        Cached(Mutex::new(BTreeMap::new()))
    }
}

/// Everything that is cached.
#[derive(Debug, Default)]
pub(super) struct AnswerCache {
    /// Who sees a repository: checked against permits for private surfaces.
    pub(super) visibility: Cached<RepoName, RepoVisibility>,
    /// What a branch requires of a merge.
    pub(super) branch_rules: Cached<(RepoName, BranchName), BranchRules>,
}
