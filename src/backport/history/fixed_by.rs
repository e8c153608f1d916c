//! How it is known that a branch has a commit already.

use std::fmt;

use crate::ids::CommitId;

/// How it is known that a branch has a fix.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum FixedBy {
    /// The fix is in the branch's history.
    Ancestor,
    /// Picking it changes nothing.
    Content,
    /// A commit of the branch says that it was picked from the fix.
    Trailer {
        /// That commit.
        commit: CommitId,
    },
    /// A commit of the branch has the fix's subject, author and author date.
    Authorship {
        /// That commit.
        commit: CommitId,
    },
}

impl fmt::Display for FixedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FixedBy::Ancestor => f.write_str("it is in the history"),
            FixedBy::Content => f.write_str("picking it changes nothing"),
            FixedBy::Trailer { commit } => write!(f, "{} says that it was picked from it", commit.short()),
            FixedBy::Authorship { commit } => {
                write!(f, "{} has its subject, author and date", commit.short())
            }
        }
    }
}
