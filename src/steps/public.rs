//! What all steps on public surfaces share: where branches live, their names, and the leave to act.

use super::error::StepError;
use super::gate;
use super::secrets;
use super::site::Site;
use crate::catalog::{PublishFrom, Repo};
use crate::egress::{Disclosed, Permit, Surface};
use crate::ids::{BranchName, RepoName};
use crate::plan::{LineRelease, Target};

/// The repository in which the branches of public pull requests live.
pub(super) fn home(repo: &Repo) -> &RepoName {
    match &repo.publish_from {
        PublishFrom::Repository => &repo.name,
        PublishFrom::Fork(fork) => fork,
    }
}

/// The branch of a line's version bump.
pub(super) fn bump_branch(target: &Target, release: &LineRelease) -> Result<BranchName, StepError> {
    named(format!("bump/{}-{}", target.branch, release.to))
}

/// The branch of a target's fixes.
pub(super) fn patch_branch(site: &Site, target: &Target) -> Result<BranchName, StepError> {
    named(format!("security/{}/{}", site.inputs().release.id, target.branch))
}

fn named(name: String) -> Result<BranchName, StepError> {
    name.parse().map_err(|cause| StepError::internal(format!("failed to name a branch: {cause}")))
}

/// The release made from the step's target.
pub(super) fn release(site: &Site) -> Result<&LineRelease, StepError> {
    let target = site.target()?;
    target
        .release
        .as_ref()
        .ok_or_else(|| StepError::internal(format!("nothing is released from {}", target.label())))
}

/// The end of the embargo. The plan's order sees to it that no public step comes before.
pub(super) fn disclosed(site: &Site) -> Result<Disclosed, StepError> {
    gate::disclosed(site).ok_or_else(|| {
        StepError::internal(format!("`{}` would be public before the release-day gate", site.step.name))
    })
}

/// Leave to act in public after the release-day gate.
pub(super) fn after_the_gate(site: &Site) -> Result<Permit, StepError> {
    disclosed(site).map(Permit::Disclosed)
}

/// Leave to show these texts in public: freely after the release-day gate, before it if the leak guard finds nothing.
pub(super) async fn guarded(site: &Site, surface: &str, texts: &[&str]) -> Result<Permit, StepError> {
    if let Some(disclosed) = gate::disclosed(site) {
        return Ok(Permit::Disclosed(disclosed));
    }
    let guard = secrets::guard(site).await?;
    Ok(Permit::Cleared(guard.clear(&Surface(surface.to_owned()), texts)?))
}
