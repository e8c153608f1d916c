//! A resolution that stands on an older head of its line, as people make it who began before others merged: what it changes
//! is carried onto the present head, if that is clean.

use crate::backport::{Against, Onto, PickRequest, Picker, UnusableResolution, check_resolution};
use crate::git::{CommitInfo, Committer, GitError, MergedHistories, Store};
use crate::ids::CommitId;
use crate::steps::error::StepError;
use crate::steps::local::PUBLIC_BRANCHES;

/// What was carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BroughtUp {
    /// The older head.
    pub(super) from: CommitId,
    /// The resolution as it is on the present head.
    pub(super) head: CommitId,
}

/// Carries a resolution that stands on an older head onto the present one. `None` where it stands on that already, and where
/// it is of no older head: then it is looked at as any other.
///
/// # Errors
/// When it does not fit there, or has a conflict marker.
pub(super) fn brought_up(
    store: &Store,
    base: &CommitId,
    resolved: &CommitId,
    committer: &Committer,
) -> Result<Option<BroughtUp>, StepError> {
    let Some((from, commits)) = on_older_head(store, base, resolved)? else { return Ok(None) };
    match check_resolution(store, &from, resolved) {
        Ok(()) => {}
        Err(UnusableResolution::Git(error)) => return Err(error.into()),
        Err(error) => {
            let hint = "finish that file, commit, then push it or hand it in again";
            return Err(StepError::input(error.to_string(), hint));
        }
    }
    let is_straight = commits.iter().all(|commit| commit.parents.len() == 1);
    let carried = if is_straight {
        picked(store, base, &commits, committer)?
    } else {
        merged(store, base, resolved, committer)?
    };
    match carried {
        Ok(head) => Ok(Some(BroughtUp { from, head })),
        Err(paths) => Err(unfit(base, resolved, &from, &paths)),
    }
}

fn unfit(base: &CommitId, resolved: &CommitId, from: &CommitId, paths: &[String]) -> StepError {
    StepError::input(
        format!(
            "the resolution {} stands on {}, an older head of the branch, and does not fit on the present one, {}: {}",
            resolved.short(),
            from.short(),
            base.short(),
            paths.join(", ")
        ),
        "rebase it on that commit, or merge that commit into it, then push it or hand it in again",
    )
}

/// The older head, and the resolution's own commits on it, oldest first. None of these is on a public branch: one that
/// stands on another branch would bring what is only there.
fn on_older_head(
    store: &Store,
    base: &CommitId,
    resolved: &CommitId,
) -> Result<Option<(CommitId, Vec<CommitInfo>)>, GitError> {
    if !store.has_commit(resolved) || store.is_ancestor(base, resolved)? {
        return Ok(None);
    }
    let Some(from) = store.merge_base(base, resolved)? else { return Ok(None) };
    let public = store.references(PUBLIC_BRANCHES)?;
    let (mut own, mut at) = (Vec::new(), resolved.clone());
    while at != from {
        for branch in &public {
            if store.is_ancestor(&at, &branch.commit)? {
                return Ok(None);
            }
        }
        let info = store.commit_info(&at)?;
        let Some(parent) = info.parents.first().cloned() else { return Ok(None) };
        own.push(info);
        at = parent;
    }
    own.reverse();
    Ok((!own.is_empty()).then_some((from, own)))
}

/// The files that conflict, where something does.
type Carried = Result<CommitId, Vec<String>>;

/// Each commit by itself, with its own message and author.
fn picked(
    store: &Store,
    base: &CommitId,
    commits: &[CommitInfo],
    committer: &Committer,
) -> Result<Carried, GitError> {
    let mut picker = Picker::new(store)?;
    let (mut head, mut tree) = (base.clone(), store.tree_of(base)?);
    for commit in commits {
        let onto = Onto::Tree(tree.clone());
        let request = PickRequest { fix: commit.id.clone(), against: Against::Parent, onto };
        let pick = picker.pick(&request)?;
        let Some(made) = pick.tree.clone().filter(|_| !pick.outcome.needs_resolution()) else {
            return Ok(Err(pick.conflicting_paths()));
        };
        store.keep_files(picker.draft(), &made)?;
        tree = made;
        head = store.commit_as(&tree, &[head], &commit.message, &commit.author, committer)?;
    }
    Ok(Ok(head))
}

/// A resolution that is a merge is merged.
fn merged(
    store: &Store,
    base: &CommitId,
    resolved: &CommitId,
    committer: &Committer,
) -> Result<Carried, GitError> {
    let tree = match store.merge_histories(base, resolved)? {
        MergedHistories::Clean(tree) => tree,
        MergedHistories::Conflict(paths) => return Ok(Err(paths)),
    };
    let info = store.commit_info(resolved)?;
    let parents = [base.clone(), resolved.clone()];
    store.commit_as(&tree, &parents, &info.message, &info.author, committer).map(Ok)
}
