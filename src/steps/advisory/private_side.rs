//! The private side of an advisory: its fork, and whether it still exists.

use super::accept_report::current;
use crate::ids::RepoName;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;

/// The temporary private fork of the step's advisory, if it uses one.
pub(in crate::steps) fn fork(context: &StepContext) -> Result<Option<RepoName>, StepError> {
    Ok(context.inputs().advisory_fork(context.advisory()?))
}

/// Whether a fork exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::steps) enum ForkPresence {
    /// It exists.
    Present,
    /// It is deleted.
    Gone,
    /// This token does not see it, and the advisory still names it.
    Unseen,
}

/// Looks in two places: GitHub answers alike for a deleted repository and for one that the token may not see.
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
