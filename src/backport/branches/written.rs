//! A new branch for each branch that took all of a fix. Nothing that is there is overwritten, and nothing is kept in the
//! repository for a branch that cannot be made.

use super::carried::{Backports, BranchAnswer};
use crate::git::{ExpectedRef, GitError, Store};
use crate::ids::{BranchName, CommitId};

/// Why a branch was not written.
#[derive(Debug, thiserror::Error)]
pub enum BranchWriteError {
    /// The prefix is of full reference names.
    #[error("`{name}` would be a branch whose name begins with `refs/`")]
    FullName {
        /// The name.
        name: String,
        /// The prefix without that; it may be empty.
        plain: String,
    },
    /// Prefix and branch make no name.
    #[error("`{name}` is not a branch name, so nothing was picked")]
    NotABranchName {
        /// What they make.
        name: String,
    },
    /// Somebody's work is there.
    #[error("the branch `{name}` is there already, at {}, and holds something else; it was left as it is", there.short())]
    Taken {
        /// The branch.
        name: BranchName,
        /// Its head.
        there: CommitId,
    },
    /// Another branch is where the name needs a directory, or the other way round.
    #[error("the branch `{other}` leaves no room for a branch `{name}`")]
    NoRoom {
        /// The other branch.
        other: String,
        /// The one that cannot be made.
        name: BranchName,
    },
    /// The repository cannot be read or written.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// The branch that is to be made for another.
///
/// # Errors
/// [`BranchWriteError::FullName`] and [`BranchWriteError::NotABranchName`].
pub fn written_name(prefix: &str, branch: &str) -> Result<BranchName, BranchWriteError> {
    let short = branch.trim_start_matches("refs/heads/").trim_start_matches("refs/remotes/");
    let name = format!("{prefix}{short}");
    if prefix.starts_with("refs/") {
        let plain = prefix.trim_start_matches("refs/heads/").to_owned();
        return Err(BranchWriteError::FullName { name, plain });
    }
    name.parse().map_err(|_| BranchWriteError::NotABranchName { name })
}

impl Backports {
    /// Makes the branches. One that cannot be made does not hold up the others.
    ///
    /// # Errors
    /// The first of those that could not be made.
    pub fn write(&mut self, store: &Store, prefix: &str) -> Result<(), BranchWriteError> {
        let mut all = Ok(());
        for answer in &mut self.branches {
            let BranchAnswer::Carried(branch) = answer else { continue };
            let Some(head) = branch.head.clone().filter(|head| *head != branch.base) else { continue };
            let name = written_name(prefix, &branch.onto)?;
            match write(store, self.picker.draft(), &name, (&branch.base, &head)) {
                Ok(commit) => (branch.head, branch.written) = (Some(commit), Some(name.to_string())),
                Err(error) => all = all.and(Err(error)),
            }
        }
        all
    }
}

/// Makes the branch at `head`, or adopts the one that holds the same work already. Gives the commit it is at.
fn write(
    store: &Store,
    draft: &Store,
    name: &BranchName,
    (base, head): (&CommitId, &CommitId),
) -> Result<CommitId, BranchWriteError> {
    let full = name.full();
    if let Some(there) = store.reference(&full)? {
        if is_same_work(store, draft, base, (&there, head))? {
            return Ok(there);
        }
        return Err(BranchWriteError::Taken { name: name.clone(), there });
    }
    if let Some(other) = blocking(store, name)? {
        return Err(BranchWriteError::NoRoom { other, name: name.clone() });
    }
    store.keep(draft, head)?;
    store.set_ref(&full, head, &ExpectedRef::Absent, "picked by lockgate")?;
    Ok(head.clone())
}

/// Whether a branch holds what was picked now: the same changes with the same words by the same authors. Who picked
/// it, and when, is another matter (BP-22).
fn is_same_work(
    store: &Store,
    draft: &Store,
    base: &CommitId,
    (there, picked): (&CommitId, &CommitId),
) -> Result<bool, GitError> {
    if store.tree_of(there)? != draft.tree_of(picked)? || !store.is_ancestor(base, there)? {
        return Ok(false);
    }
    let (there, picked) = (store.commits_between(base, there)?, draft.commits_between(base, picked)?);
    if there.len() != picked.len() {
        return Ok(false);
    }
    for (one, other) in there.iter().zip(&picked) {
        let (one, other) = (store.commit_info(one)?, draft.commit_info(other)?);
        if (one.tree, one.message, one.author) != (other.tree, other.message, other.author) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A branch that is where this name needs a directory, or the other way round.
fn blocking(store: &Store, name: &BranchName) -> Result<Option<String>, GitError> {
    let text = name.as_str();
    for (at, _) in text.match_indices('/') {
        if store.reference(&format!("refs/heads/{}", &text[..at]))?.is_some() {
            return Ok(Some(text[..at].to_owned()));
        }
    }
    let below = store.references(&format!("{}/", name.full()))?.into_iter().next();
    Ok(below.map(|reference| reference.name.trim_start_matches("refs/heads/").to_owned()))
}
