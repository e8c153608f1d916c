//! Whether the head of a line holds the line's newest release. A catalog may name a branch that was left behind: where each release
//! has a branch of its own, say.

use crate::git::{GitError, Store};
use crate::ids::CommitId;
use crate::numbering::Version;
use crate::snapshot::TaggedVersion;

/// The tag of the newest release of the line of `stated` that neither `head` holds nor, but for the release's own commit, what it was
/// made on.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn lacking(
    store: &Store,
    versions: &[TaggedVersion],
    stated: &Version,
    head: &CommitId,
) -> Result<Option<String>, GitError> {
    let of_line = versions.iter().filter(|one| one.version.is_of_the_line_of(stated));
    let newest = of_line
        .filter(|one| !one.version.is_prerelease())
        .max_by(|one, other| one.version.cmp(&other.version));
    let Some(newest) = newest else { return Ok(None) };
    let mut below = store.commit_info(&newest.commit)?.parents;
    below.push(newest.commit.clone());
    for commit in &below {
        // A shallow clone ends somewhere.
        if !store.has_commit(commit) || store.is_ancestor(commit, head)? {
            return Ok(None);
        }
    }
    Ok(Some(newest.tag.clone()))
}
