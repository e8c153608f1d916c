//! Mirrors: the user's own copies of repositories, read and never written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::git::GitError;
use crate::ids::RepoName;
use crate::merge_rules::MergeRules;

/// Why a mirror cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnusableMirror {
    /// A repository that the release fixes has none.
    #[error("there is no mirror of `{0}`, which the release fixes")]
    Missing(RepoName),
    /// It is of a repository that nothing reads.
    #[error("no repository of this rehearsal is called `{repo}`")]
    Unknown {
        /// As it was given.
        repo: RepoName,
        /// Those that are read.
        known: Vec<RepoName>,
    },
    /// It lacks the pull request with the fix.
    #[error("the mirror `{}` has no `{reference}`", mirror.display())]
    NoPull {
        /// The mirror.
        mirror: PathBuf,
        /// The reference of the pull request.
        reference: String,
    },
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] GitError),
}

/// A local copy, bare or not, for each of some repositories, and what the real ones require of merges and pushes where that
/// was read.
#[derive(Debug, Clone, Default)]
pub struct Mirrors {
    paths: BTreeMap<RepoName, PathBuf>,
    rules: BTreeMap<RepoName, MergeRules>,
}

impl FromIterator<(RepoName, PathBuf)> for Mirrors {
    /// Where one repository is named twice, the last copy counts.
    fn from_iter<T: IntoIterator<Item = (RepoName, PathBuf)>>(given: T) -> Mirrors {
        Mirrors { paths: given.into_iter().collect(), rules: BTreeMap::new() }
    }
}

impl Mirrors {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// The same, with the rules of the real repositories.
    #[must_use]
    pub fn with_rules(self, rules: BTreeMap<RepoName, MergeRules>) -> Mirrors {
        Mirrors { rules, ..self }
    }

    /// What the real repository requires, where that was read.
    pub(super) fn rules(&self, repo: &RepoName) -> Option<&MergeRules> {
        self.rules.get(repo)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    pub(super) fn of(&self, repo: &RepoName) -> Option<&Path> {
        self.paths.get(repo).map(PathBuf::as_path)
    }

    /// The mirror of a repository that cannot do without one.
    pub(super) fn needed(&self, repo: &RepoName) -> Result<&Path, UnusableMirror> {
        self.of(repo).ok_or_else(|| UnusableMirror::Missing(repo.clone()))
    }

    pub(super) fn paths(&self) -> &BTreeMap<RepoName, PathBuf> {
        &self.paths
    }

    /// Every mirror is of a repository that the rehearsal reads. One with a misspelt name would be left unused without
    /// a word, and the rehearsal would not be of what its user believes.
    pub(super) fn check_used(&self, read: &[RepoName]) -> Result<(), UnusableMirror> {
        match self.paths.keys().find(|repo| !read.contains(repo)) {
            None => Ok(()),
            Some(repo) => Err(UnusableMirror::Unknown { repo: repo.clone(), known: read.to_vec() }),
        }
    }
}

impl IntoIterator for Mirrors {
    type Item = (RepoName, PathBuf);
    type IntoIter = std::collections::btree_map::IntoIter<RepoName, PathBuf>;

    fn into_iter(self) -> Self::IntoIter {
        self.paths.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirror_of_a_repository_that_nobody_reads_is_refused() {
        let repo = |name: &str| -> RepoName { name.parse().unwrap() };
        let mirrors: Mirrors =
            [(repo("brightwater/slice"), PathBuf::from("sluice.git"))].into_iter().collect();
        let read = [repo("brightwater/sluice"), repo("brightwater/weir")];
        let Err(UnusableMirror::Unknown { repo: unknown, known }) = mirrors.check_used(&read) else {
            panic!("the mirror was taken")
        };
        assert_eq!(unknown.as_str(), "brightwater/slice");
        assert_eq!(known, read);
        assert!(Mirrors::default().check_used(&read).is_ok());
    }
}
