//! Whether a branch's history says that it has a fix already.

use git2::Sort;

use super::error::{Doing, GitError};
use super::history::{CommitInfo, info};
use super::message::{picked_from, reverts};
use super::outcome::FixedBy;
use super::store::{Store, lookup, oid};
use crate::ids::CommitId;

/// How many commits of a branch are read at most. A release line has a few hundred of its own.
const COMMITS: usize = 5_000;

/// The best evidence in the branch's history, or none.
///
/// Only the commits that the branch does not share with the fix are read. A commit that a later one of the branch
/// reverts is no evidence.
pub(super) fn in_history(
    store: &Store,
    fix: &CommitId,
    onto: &CommitId,
) -> Result<Option<FixedBy>, GitError> {
    let own = own_commits(store, fix, onto)?;
    let reverted: Vec<CommitId> = own.iter().flat_map(|commit| reverts(&commit.message)).collect();
    if store.is_ancestor(fix, onto)? {
        return Ok((!reverted.contains(fix)).then_some(FixedBy::Ancestor));
    }
    let fix = store.commit_info(fix)?;
    let standing = || own.iter().filter(|commit| !reverted.contains(&commit.id));
    if let Some(found) = standing().find(|commit| picked_from(&commit.message).contains(&fix.id)) {
        return Ok(Some(FixedBy::Trailer { commit: found.id.clone() }));
    }
    let found = standing().find(|commit| {
        !fix.subject().is_empty()
            && commit.subject() == fix.subject()
            && commit.author.email == fix.author.email
            && commit.author.time == fix.author.time
    });
    Ok(found.map(|commit| FixedBy::Authorship { commit: commit.id.clone() }))
}

/// The commits of the branch that the fix does not come from, newest first.
fn own_commits(store: &Store, fix: &CommitId, onto: &CommitId) -> Result<Vec<CommitInfo>, GitError> {
    let mut walk = store.raw().revwalk().doing(|| "walk the branch".to_owned())?;
    walk.set_sorting(Sort::TIME).doing(|| "order the branch".to_owned())?;
    walk.push(oid(onto)?)
        .map_err(|source| GitError::Libgit2 { action: format!("walk from {onto}"), source })?;
    walk.hide(oid(fix)?).map_err(|source| GitError::Libgit2 { action: format!("walk to {fix}"), source })?;
    let mut own = Vec::new();
    for id in walk.take(COMMITS) {
        let id = id.doing(|| format!("walk {fix}..{onto}"))?;
        own.push(info(&store.raw().find_commit(id).map_err(|source| lookup(id, source))?)?);
    }
    Ok(own)
}
