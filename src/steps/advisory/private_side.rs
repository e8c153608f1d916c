//! The private side of an advisory: its fork, and whether it still stands.

use super::accept_report::current;
use crate::ids::RepoName;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;

/// The temporary private fork that the step's advisory works in, if it works in one.
pub(in crate::steps) fn fork(context: &StepContext) -> Result<Option<RepoName>, StepError> {
    Ok(context.inputs().advisory_fork(context.advisory()?))
}

/// What is known of a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::steps) enum ForkPresence {
    /// It is there.
    Present,
    /// It is deleted.
    Gone,
    /// This token does not see it, and the advisory still names it.
    Unseen,
}

/// Looks for the fork by two ways: GitHub answers a repository that is deleted like one that may not be seen.
pub(in crate::steps) async fn stand(
    context: &StepContext,
    fork: &RepoName,
) -> Result<ForkPresence, StepError> {
    if context.world.github.repository(fork).await?.is_some() {
        return Ok(ForkPresence::Present);
    }
    Ok(match current(context).await?.private_fork {
        None => ForkPresence::Gone,
        Some(_) => ForkPresence::Unseen,
    })
}
