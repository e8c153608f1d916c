//! Branches, tags and commits of a repository, as far as they tell of its habits.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::git::{CommitInfo, GitError, Store};
use crate::ids::{BranchName, CommitId};

/// What a store holds of a repository.
pub(super) struct History<'a> {
    pub(super) store: &'a Store,
    pub(super) default_branch: BranchName,
    /// The head of the default branch.
    pub(super) head: CommitId,
    /// All branches with their heads.
    pub(super) branches: BTreeMap<BranchName, CommitId>,
    /// All tags that lead to a commit, the newest first.
    pub(super) tags: Vec<DatedTag>,
}

/// A tag.
#[derive(Debug, Clone)]
pub(super) struct DatedTag {
    pub(super) name: String,
    pub(super) commit: CommitId,
    /// When its commit was made.
    pub(super) date: Timestamp,
}

impl<'a> History<'a> {
    /// Reads it, with this default branch where that is known; `None` where the store has no branch.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn read(
        store: &'a Store,
        default: Option<&BranchName>,
    ) -> Result<Option<History<'a>>, GitError> {
        let branches = branches(store)?;
        let stated = default.and_then(|branch| Some((branch.clone(), branches.get(branch)?.clone())));
        let found = if stated.is_some() { stated } else { default_of(store, &branches)? };
        let Some((default_branch, head)) = found else { return Ok(None) };
        Ok(Some(History { store, default_branch, head, tags: tags(store)?, branches }))
    }

    /// The newest commits of the default branch itself, at most this many: merges and what was pushed to it, not what
    /// came with a merge.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn newest_commits(&self, most: usize) -> Result<Vec<CommitInfo>, GitError> {
        self.own_commits(&self.head, most)
    }

    /// The same of the branch with this head.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn own_commits(&self, head: &CommitId, most: usize) -> Result<Vec<CommitInfo>, GitError> {
        let mut found = Vec::new();
        let mut next = Some(head.clone());
        while let Some(id) = next.filter(|_| found.len() < most) {
            // A shallow clone ends somewhere.
            if !self.store.has_commit(&id) {
                break;
            }
            let info = self.store.commit_info(&id)?;
            next = info.parents.first().cloned();
            found.push(info);
        }
        Ok(found)
    }
}

/// The branches of a mirror, or those of a clone's `origin`, which are newer than what was checked out of them.
fn branches(store: &Store) -> Result<BTreeMap<BranchName, CommitId>, GitError> {
    let mut found = BTreeMap::new();
    let remote = store.follows_origin().then_some("refs/remotes/origin/");
    for prefix in ["refs/heads/"].into_iter().chain(remote) {
        for reference in store.references(prefix)? {
            let name = reference.name.strip_prefix(prefix).unwrap_or_default();
            if let Some(branch) = name.parse().ok().filter(|_| name != "HEAD") {
                found.insert(branch, reference.commit);
            }
        }
    }
    Ok(found)
}

/// What the clone says, else what most projects call it, else the only branch.
fn default_of(
    store: &Store,
    branches: &BTreeMap<BranchName, CommitId>,
) -> Result<Option<(BranchName, CommitId)>, GitError> {
    let said = store.default_branch()?;
    let usual = ["main", "master"].map(str::to_owned);
    let named = said.into_iter().chain(usual).find_map(|name| {
        let branch: BranchName = name.parse().ok()?;
        let head = branches.get(&branch)?.clone();
        Some((branch, head))
    });
    let first = || branches.iter().next().map(|(branch, head)| (branch.clone(), head.clone()));
    Ok(named.or_else(first))
}

fn tags(store: &Store) -> Result<Vec<DatedTag>, GitError> {
    let mut tags = Vec::new();
    for reference in store.references("refs/tags/")? {
        let name = reference.name.trim_start_matches("refs/tags/").to_owned();
        let date = store.commit_info(&reference.commit)?.committer.time;
        tags.push(DatedTag { name, commit: reference.commit, date });
    }
    tags.sort_by(|one, other| other.date.cmp(&one.date).then_with(|| other.name.cmp(&one.name)));
    Ok(tags)
}
