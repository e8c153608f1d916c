//! Heads of remote branches, brought into the run's own repositories.

use crate::ids::{BranchName, CommitId, RepoName};
use crate::next_action::{Advice, NextAction};
use crate::steps::context::{Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::local::in_store;

/// The head of a branch of `from`, brought into the store of `repo`; `None` when there is no such branch.
pub(in crate::steps) async fn fetch_head(
    context: &StepContext,
    repo: &RepoName,
    from: &RepoName,
    branch: &BranchName,
) -> Result<Option<CommitId>, StepError> {
    Ok(fetch_head_and(context, repo, from, branch, None).await?.0)
}

/// The same, and where another reference of `from` is: one question for both.
async fn fetch_head_and(
    context: &StepContext,
    repo: &RepoName,
    from: &RepoName,
    branch: &BranchName,
    other: Option<&str>,
) -> Result<(Option<CommitId>, Option<CommitId>), StepError> {
    let full = branch.full();
    let patterns: Vec<&str> = std::iter::once(full.as_str()).chain(other).collect();
    let mut refs = context.world.transport.ls_remote(from, &patterns).await?;
    let other = other.and_then(|name| refs.remove(name));
    let Some(head) = refs.remove(&full) else { return Ok((None, other)) };
    Ok((bring(context, repo, from, branch, head).await?, other))
}

/// Brings a commit that was listed into the store.
async fn bring(
    context: &StepContext,
    repo: &RepoName,
    from: &RepoName,
    branch: &BranchName,
    head: CommitId,
) -> Result<Option<CommitId>, StepError> {
    let full = branch.full();
    let wanted = head.clone();
    if in_store(context, repo, move |store| Ok(store.has_commit(&wanted))).await? {
        return Ok(Some(head));
    }
    let kept = format!("refs/lockgate/seen/{from}/{branch}");
    let refspec = format!("+{full}:{kept}");
    context.world.transport.fetch(&context.folder.store(repo), from, &[&refspec]).await?;
    // The branch may have moved since it was listed: what was fetched counts.
    in_store(context, repo, move |store| Ok(store.reference(&kept)?)).await
}

/// The head of a public branch of this repository, brought into its store; that of a new line that is not there yet is where
/// it begins.
///
/// # Errors
/// When the branch is gone.
pub(in crate::steps) async fn public_head(
    context: &StepContext,
    repo: &RepoName,
    branch: &BranchName,
) -> Result<CommitId, StepError> {
    Ok(public_head_and(context, repo, branch, None).await?.0)
}

/// The head of a public branch of which GitHub said that it holds this commit; `None` while git does not show that: its lists may
/// lag behind what GitHub answers elsewhere. A branch that stays without a commit that was fetched was moved by somebody, and its
/// head is given as it is.
///
/// # Errors
/// When the branch is gone.
pub(in crate::steps) async fn public_head_with(
    context: &StepContext,
    repo: &RepoName,
    branch: &BranchName,
    wanted: &CommitId,
) -> Result<Option<CommitId>, StepError> {
    let head = public_head(context, repo, branch).await?;
    let (sought, at) = (wanted.clone(), head.clone());
    let (is_here, is_held) = in_store(context, repo, move |store| {
        let is_here = store.has_commit(&sought);
        Ok((is_here, is_here && store.is_ancestor(&sought, &at)?))
    })
    .await?;
    Ok((is_held || is_here && !context.may_lag()).then_some(head))
}

/// Waits for git to show what GitHub said before of a public branch.
pub(in crate::steps) fn wait_to_see(
    context: &StepContext,
    branch: &BranchName,
    wanted: &CommitId,
) -> Observed {
    context.wait_for(format!("git to show {} on `{branch}`, where GitHub has it", wanted.short()))
}

/// The head of a public branch, and where another public reference is.
///
/// # Errors
/// When the branch is gone.
pub(in crate::steps) async fn public_head_and(
    context: &StepContext,
    repo: &RepoName,
    branch: &BranchName,
    other: Option<&str>,
) -> Result<(CommitId, Option<CommitId>), StepError> {
    let (head, other) = fetch_head_and(context, repo, repo, branch, other).await?;
    let begins = || context.plan.beginning(repo, branch).cloned();
    let head = head.or_else(begins).ok_or_else(|| {
        StepError::input(
            format!("`{repo}` has no branch `{branch}` any more"),
            Advice::then("restore the branch, then", NextAction::Resume),
        )
    })?;
    Ok((head, other))
}
