//! Object ids: git2's type and the house's.

use git2::Oid;

use crate::ids::CommitId;

/// git's own id type as the house's.
pub(crate) fn commit_id(id: Oid) -> CommitId {
    #[allow(clippy::expect_used, reason = "an object id always prints as 40 hexadecimal digits")]
    id.to_string().parse().expect("an object id is 40 hexadecimal digits")
}

/// The house's id as git's own.
pub(crate) fn object(id: &CommitId) -> Result<Oid, git2::Error> {
    Oid::from_str(id.as_str())
}
