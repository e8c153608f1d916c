//! Whether a branch's history says that it has a commit already.

use super::error::GitError;
use super::lineage::Lineage;
use super::outcome::FixedBy;
use super::store::{Store, oid};
use crate::ids::CommitId;

/// The best evidence in the branch's history, or none.
///
/// Only the commits that the branch does not share with the fix are read. A commit that a later one of the branch
/// reverts is no evidence.
pub(super) fn in_history(
    store: &Store,
    lineage: &mut Lineage,
    fix: &CommitId,
    onto: &CommitId,
) -> Result<Option<FixedBy>, GitError> {
    let own = lineage.own(store, fix, onto)?;
    let reverted = |id: &CommitId| own.commits.iter().any(|commit| commit.reverts.contains(id));
    if own.inherits {
        return Ok((!reverted(fix)).then_some(FixedBy::Ancestor));
    }
    let fix = lineage.told(store, oid(fix)?)?;
    let mut standing = own.commits.iter().filter(|commit| !reverted(&commit.id));
    if let Some(found) = standing.clone().find(|commit| commit.picked_from.contains(&fix.id)) {
        return Ok(Some(FixedBy::Trailer { commit: found.id.clone() }));
    }
    let found = standing.find(|commit| {
        !fix.subject.is_empty()
            && commit.subject == fix.subject
            && commit.author.email == fix.author.email
            && commit.author.time == fix.author.time
    });
    Ok(found.map(|commit| FixedBy::Authorship { commit: commit.id.clone() }))
}
