//! Heads of remote branches, brought into the run's own repositories.

use super::error::StepError;
use super::local::in_store;
use super::site::Site;
use crate::ids::{BranchName, CommitId, RepoName};

/// The head of a branch of `from`, brought into the store of `repo`; `None` when there is no such branch.
pub(super) async fn fetch_head(
    site: &Site,
    repo: &RepoName,
    from: &RepoName,
    branch: &BranchName,
) -> Result<Option<CommitId>, StepError> {
    let full = branch.full();
    let Some(head) = site.world.transport.ls_remote(from, &[&full]).await?.remove(&full) else {
        return Ok(None);
    };
    let wanted = head.clone();
    if in_store(site, repo, move |store| Ok(store.has_commit(&wanted))).await? {
        return Ok(Some(head));
    }
    let kept = format!("refs/lockgate/seen/{from}/{branch}");
    let refspec = format!("+{full}:{kept}");
    site.world.transport.fetch(&site.folder.store(repo), from, &[&refspec]).await?;
    // The branch may have moved since it was listed: what was fetched counts.
    in_store(site, repo, move |store| Ok(store.reference(&kept)?)).await
}

/// The head of a public branch of this repository, brought into its store.
///
/// # Errors
/// When the branch is gone.
pub(super) async fn public_head(
    site: &Site,
    repo: &RepoName,
    branch: &BranchName,
) -> Result<CommitId, StepError> {
    fetch_head(site, repo, repo, branch).await?.ok_or_else(|| {
        StepError::input(
            format!("`{repo}` has no branch `{branch}` any more"),
            "restore the branch, then `lockgate resume`",
        )
    })
}
