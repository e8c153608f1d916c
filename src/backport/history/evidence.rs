//! Whether a branch's history says that it has a commit already.

use super::fixed_by::FixedBy;
use super::lineage::Lineage;
use crate::git::plumbing::oid;
use crate::git::{GitError, Store};
use crate::ids::CommitId;

/// The best evidence in the branch's history, or none.
///
/// Only the commits that the branch does not share with the fix are read. A commit that a later one of the branch
/// reverts is no evidence.
pub(in crate::backport) fn in_history(
    store: &Store,
    lineage: &mut Lineage,
    fix: &CommitId,
    onto: &CommitId,
) -> Result<Option<FixedBy>, GitError> {
    let own = lineage.own(store, fix, onto)?;
    if own.inherits {
        return Ok((!own.reverts(fix)).then_some(FixedBy::Ancestor));
    }
    let fix = lineage.read(store, oid(fix)?)?;
    own.carrying(&fix)
}
