//! What steps share when they work on this machine: the store, its references, our identity.

use crate::catalog::CommitSigning;
use crate::git::{Committer, GitError, Signature, Store};
use crate::ids::{BranchName, CommitId, GhsaId, RepoName};
use crate::plan::Plan;

use super::context::StepContext;
use super::error::StepError;

/// Where the store keeps the public branches as they were last fetched.
pub const PUBLIC_BRANCHES: &str = "refs/lockgate/public/";

/// Where the store keeps a public branch as it was last fetched.
#[must_use]
pub fn public_ref(branch: &BranchName) -> String {
    format!("{PUBLIC_BRANCHES}{branch}")
}

/// Where the store keeps the public tags as they were fetched.
pub const PUBLIC_TAGS: &str = "refs/lockgate/tags/";

/// Where the store keeps the last commit of a fix.
#[must_use]
pub(super) fn fix_ref(advisory: &GhsaId) -> String {
    format!("refs/lockgate/fix/{advisory}")
}

/// Where the store keeps what a step made, so that garbage collection does not remove it.
#[must_use]
pub fn made_ref(context: &StepContext) -> String {
    format!("refs/lockgate/made/{}", context.step.name)
}

/// Who commits: whom git knew when the plan was made, or else the incident manager under an address of GitHub's own; at the
/// time of the plan, so that the same patch made twice has the same id.
#[must_use]
pub fn signature(plan: &Plan) -> Signature {
    if let Some(known) = &plan.snapshot.committer {
        return Signature::utc(&known.name, &known.email, plan.snapshot.taken);
    }
    let manager = plan.inputs.release.manager.as_str();
    Signature::utc(
        manager,
        &format!("{manager}@users.noreply.{}", plan.inputs.catalog.endpoints.host()),
        plan.snapshot.taken,
    )
}

/// Who commits in the step's repository, with what its catalog entry wants on every commit.
///
/// # Errors
/// When the step is not about a repository.
pub(super) fn committer(context: &StepContext) -> Result<Committer, StepError> {
    let repo = context.repo()?;
    let signer = (repo.sign == CommitSigning::Git).then(|| context.world.signer.clone());
    Ok(Committer { signature: signature(&context.plan), sign_off: repo.sign_off, signer })
}

/// Runs blocking work on the store of a repository.
///
/// # Errors
/// What the work fails with, or that its thread died.
pub(super) async fn in_store<T, F>(context: &StepContext, repo: &RepoName, work: F) -> Result<T, StepError>
where
    T: Send + 'static,
    F: FnOnce(&Store) -> Result<T, StepError> + Send + 'static,
{
    let path = context.folder.store(repo);
    tokio::task::spawn_blocking(move || work(&Store::create(&path)?)).await?
}

/// Fetches a public branch into the store and gives its head.
///
/// # Errors
/// When the remote cannot be reached or has no such branch.
pub(super) async fn fetch_branch(
    context: &StepContext,
    repo: &RepoName,
    branch: &BranchName,
) -> Result<CommitId, StepError> {
    let path = context.folder.store(repo);
    ensure(&path)?;
    let refspec = format!("+{}:{}", branch.full(), public_ref(branch));
    context.world.transport.fetch(&path, repo, &[&refspec]).await?;
    Store::open(&path)?
        .reference(&public_ref(branch))?
        .ok_or_else(|| StepError::internal(format!("`{repo}` {branch} was fetched and is not there")))
}

/// Makes sure that the store has this commit of a public branch. The survey fetched the heads that the plan saw; those
/// are not fetched again.
///
/// # Errors
/// When the remote cannot be reached or has no such branch.
pub(super) async fn bring_branch(
    context: &StepContext,
    repo: &RepoName,
    branch: &BranchName,
    wanted: &CommitId,
) -> Result<(), StepError> {
    let (kept, sought) = (public_ref(branch), wanted.clone());
    // A new line begins at what other branches and tags hold.
    let is_new = context.plan.beginning(repo, branch).is_some();
    let there = in_store(context, repo, move |store| {
        let is_head = store.reference(&kept)?.is_some_and(|head| head == sought);
        Ok(is_head || is_new && store.has_commit(&sought))
    });
    if !there.await? {
        fetch_branch(context, repo, branch).await?;
    }
    Ok(())
}

/// Makes the store if it is not there.
pub(super) fn ensure(path: &std::path::Path) -> Result<(), GitError> {
    Store::create(path).map(drop)
}
