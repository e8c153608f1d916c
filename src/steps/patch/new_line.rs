//! A line whose branch does not exist before the day: it begins with the first thing that is pushed for it.

use crate::egress::Permit;
use crate::git::RefUpdate;
use crate::ids::RepoName;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;

/// Makes the target's branch in `place`, at its base, where it is a new line and the branch is not there. What is proposed for
/// it would have nothing to be merged into.
///
/// # Errors
/// When `place` cannot be reached, or refuses the branch.
pub(in crate::steps) async fn begin(
    context: &StepContext,
    place: &RepoName,
    permit: &Permit,
) -> Result<(), StepError> {
    let target = context.target()?;
    let name = target.branch.full();
    let is_there = async || {
        let there = context.world.transport.ls_remote(place, &[&name]).await?;
        Ok::<_, StepError>(there.contains_key(&name))
    };
    if target.begins_at.is_none() || is_there().await? {
        return Ok(());
    }
    let update = RefUpdate::Create { name: name.clone(), new: target.base.clone() };
    context.world.transport.push(&context.folder.store(&target.repo), place, &[update], permit).await?;
    Ok(())
}
