//! The private side of an advisory: its fork, and whether it still stands.

use super::accept_report::current;
use super::error::StepError;
use super::site::Site;
use crate::ids::RepoName;

/// The temporary private fork that the step's advisory works in, if it works in one.
pub(super) fn fork(site: &Site) -> Result<Option<RepoName>, StepError> {
    Ok(site.inputs().advisory_fork(site.advisory()?))
}

/// What is known of a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ForkStand {
    /// It is there.
    Stands,
    /// It is deleted.
    Gone,
    /// This token does not see it, and the advisory still names it.
    Unseen,
}

/// Looks for the fork by two ways: GitHub answers a repository that is deleted like one that may not be seen.
pub(super) async fn stand(site: &Site, fork: &RepoName) -> Result<ForkStand, StepError> {
    if site.world.github.repository(fork).await?.is_some() {
        return Ok(ForkStand::Stands);
    }
    Ok(match current(site).await?.private_fork {
        None => ForkStand::Gone,
        Some(_) => ForkStand::Unseen,
    })
}
