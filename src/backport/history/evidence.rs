//! Whether a branch's history says that it has a commit already.

use super::fixed_by::FixedBy;
use super::lineage::Lineage;
use crate::git::plumbing::oid;
use crate::git::{GitError, Store};
use crate::ids::CommitId;

/// What a branch's history says of a fix.
#[derive(Debug, Default)]
pub(in crate::backport) struct Said {
    /// By what it has the fix.
    pub(in crate::backport) by: Option<FixedBy>,
    /// The commit that says that it takes the fix back, where the branch has it no more.
    pub(in crate::backport) reverted_by: Option<CommitId>,
}

/// The best evidence in the branch's history, or none.
///
/// Only the commits that the branch does not share with the fix are read. A commit that a later one of the branch
/// reverts is no evidence.
pub(in crate::backport) fn in_history(
    store: &Store,
    lineage: &mut Lineage,
    fix: &CommitId,
    onto: &CommitId,
) -> Result<Said, GitError> {
    let own = lineage.own(store, fix, onto)?;
    let (by, back) = if own.inherits {
        let back = own.reverting(fix);
        (back.is_none().then_some(FixedBy::Ancestor), back)
    } else {
        let fix = lineage.read(store, oid(fix)?)?;
        match own.carrying(&fix)? {
            None => (None, own.reverting_what_carried(&fix)?),
            by => (by, None),
        }
    };
    Ok(Said { by, reverted_by: back.map(|raw| raw.commit_id()).transpose()? })
}
