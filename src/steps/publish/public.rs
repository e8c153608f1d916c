//! What all steps on public surfaces share: where branches live, their names, and permits.

use crate::catalog::{PublishFrom, Repo};
use crate::egress::{Disclosed, Permit, Surface};
use crate::ids::{BranchName, RepoName};
use crate::plan::{LineRelease, Target};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::people::gate;
use crate::steps::secrets;

/// The repository in which the branches of public pull requests live.
pub(in crate::steps) fn home(repo: &Repo) -> &RepoName {
    match &repo.publish_from {
        PublishFrom::Repository => &repo.name,
        PublishFrom::Fork(fork) => fork,
    }
}

/// The branch of a line's version bump.
pub(in crate::steps) fn bump_branch(target: &Target, release: &LineRelease) -> Result<BranchName, StepError> {
    named(format!("bump/{}-{}", target.branch, release.to))
}

/// The branch of a target's fixes.
pub(in crate::steps) fn patch_branch(
    context: &StepContext,
    target: &Target,
) -> Result<BranchName, StepError> {
    named(format!("security/{}/{}", context.inputs().release.id, target.branch))
}

fn named(name: String) -> Result<BranchName, StepError> {
    name.parse().map_err(|cause| StepError::internal(format!("failed to name a branch: {cause}")))
}

/// The release made from the step's target.
pub(in crate::steps) fn release(context: &StepContext) -> Result<&LineRelease, StepError> {
    let target = context.target()?;
    target
        .release
        .as_ref()
        .ok_or_else(|| StepError::internal(format!("nothing is released from {}", target.label())))
}

/// The end of the embargo. The plan's order sees to it that no public step comes before.
pub(in crate::steps) fn disclosed(context: &StepContext) -> Result<Disclosed, StepError> {
    gate::disclosed(context).ok_or_else(|| {
        StepError::internal(format!("`{}` would be public before the release-day gate", context.step.name))
    })
}

/// The permit for public writes after the release-day gate.
pub(in crate::steps) fn after_the_gate(context: &StepContext) -> Result<Permit, StepError> {
    disclosed(context).map(Permit::Disclosed)
}

/// The permit to publish these texts: always after the release-day gate, before it if the leak guard finds nothing.
pub(in crate::steps) async fn guarded(
    context: &StepContext,
    surface: &str,
    texts: &[&str],
) -> Result<Permit, StepError> {
    if let Some(disclosed) = gate::disclosed(context) {
        return Ok(Permit::Disclosed(disclosed));
    }
    let guard = secrets::guard(context).await?;
    Ok(Permit::Cleared(guard.clear(&Surface(surface.to_owned()), texts)?))
}
