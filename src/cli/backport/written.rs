//! `lockgate backport --write`: a branch for each target that took all fixes. Nothing that is there is overwritten, and
//! nothing is kept in the repository for a branch that cannot be made.

use crate::cli::problem::Problem;
use crate::git::{Expected, GitError, Store};
use crate::ids::{BranchName, CommitId};

/// The branch to be made for a target.
///
/// # Errors
/// When prefix and target make no name of a branch.
pub(super) fn name(prefix: &str, target: &str) -> Result<BranchName, Problem> {
    let short = target.trim_start_matches("refs/heads/").trim_start_matches("refs/remotes/");
    let name = format!("{prefix}{short}");
    if prefix.starts_with("refs/") {
        let plain = prefix.trim_start_matches("refs/heads/");
        return Err(Problem::input(
            format!("`{name}` would be a branch whose name begins with `refs/`"),
            format!("give the prefix alone: --write {}", if plain.is_empty() { "backport/" } else { plain }),
        ));
    }
    name.parse().map_err(|_| {
        Problem::input(
            format!("`{name}` is not a branch name, so nothing was picked"),
            "give --write a prefix like `backport/`, and --onto the names of branches",
        )
    })
}

/// Makes the branch at `head`, or adopts the one that holds the same work already. Gives the commit it is at.
///
/// # Errors
/// With what stands in the way, or what the repository says.
pub(super) fn write(
    store: &Store,
    draft: &Store,
    name: &BranchName,
    (base, head): (&CommitId, &CommitId),
) -> Result<CommitId, Problem> {
    let full = name.full();
    match store.reference(&full)? {
        Some(there) if is_same_work(store, draft, base, (&there, head))? => return Ok(there),
        Some(there) => {
            return Err(in_the_way(format!(
                "the branch `{name}` is there already, at {}, and holds something else; it was left as it is",
                there.short()
            )));
        }
        None => {}
    }
    if let Some(other) = blocking(store, name)? {
        return Err(in_the_way(format!("the branch `{other}` leaves no room for a branch `{name}`")));
    }
    store.keep(draft, head)?;
    store.set_ref(&full, head, &Expected::Absent, "lockgate backport")?;
    Ok(head.clone())
}

fn in_the_way(what: String) -> Problem {
    Problem::decision(what, "delete or rename that branch, or give --write another prefix")
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

/// A branch that stands where this name needs a directory, or the other way round.
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
