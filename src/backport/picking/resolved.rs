//! What a person made of a conflict, and whether it may be built on.

use crate::git::{GitError, Store};
use crate::ids::CommitId;

/// Why what a person made of a conflict cannot be built on.
#[derive(Debug, thiserror::Error)]
pub enum UnusableResolution {
    /// It is of another branch, another repository, or of an earlier head.
    #[error("the resolution {} is not based on the branch's head {}", .resolved.short(), .base.short())]
    OtherBase {
        /// Its last commit.
        resolved: CommitId,
        /// The head of the branch.
        base: CommitId,
    },
    /// It has no commit.
    #[error("the resolution has no commit of its own: it is the branch's head {}", .base.short())]
    Empty {
        /// The head of the branch.
        base: CommitId,
    },
    /// It has commits, and they change nothing.
    #[error(
        "the resolution {} changes nothing: its files are those of the branch's head {}", .resolved.short(), .base.short()
    )]
    Unchanged {
        /// Its last commit.
        resolved: CommitId,
        /// The head of the branch.
        base: CommitId,
    },
    /// A conflict is left in it.
    #[error("the resolution {} still has a conflict marker in `{path}`, line {line}", .resolved.short())]
    Marker {
        /// Its last commit.
        resolved: CommitId,
        /// The file.
        path: String,
        /// The line, from 1.
        line: u32,
    },
    /// It cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// A resolution may be built on if it is based on the branch's head, has a commit and leaves no conflict marker in any
/// file, whether or not that file conflicted.
///
/// # Errors
/// [`UnusableResolution`] with what is wrong.
pub fn check_resolution(
    store: &Store,
    base: &CommitId,
    resolved: &CommitId,
) -> Result<(), UnusableResolution> {
    if !store.has_commit(resolved) || !store.is_ancestor(base, resolved)? {
        return Err(UnusableResolution::OtherBase { resolved: resolved.clone(), base: base.clone() });
    }
    if resolved == base {
        return Err(UnusableResolution::Empty { base: base.clone() });
    }
    let (before, after) = (store.tree_of(base)?, store.tree_of(resolved)?);
    if before == after {
        return Err(UnusableResolution::Unchanged { resolved: resolved.clone(), base: base.clone() });
    }
    let markers = store.conflict_markers(&before, &after)?;
    match markers.into_iter().next() {
        None => Ok(()),
        Some(marker) => Err(UnusableResolution::Marker {
            resolved: resolved.clone(),
            path: marker.path,
            line: marker.line,
        }),
    }
}
