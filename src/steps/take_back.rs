//! Taking back what a release that was called off left where nobody has seen it: on the private side.

use std::path::Path;

use super::error::StepError;
use super::output::{OpenedPull, Output, PushedRef};
use crate::egress::{Overruled, Permit};
use crate::git::RefUpdate;
use crate::github::PullState;
use crate::kinds::StepKind;
use crate::world::World;

/// Whether what a step of this kind left is taken back by Lockgate itself.
#[must_use]
pub fn can_be_taken_back(kind: StepKind, output: &Output) -> bool {
    matches!(
        (kind, output),
        (StepKind::OpenPrivatePull, Output::Pull(_)) | (StepKind::PushPrivate, Output::Ref(_))
    )
}

/// Takes back what a step of this kind left, and says what was done; `None` for what is not ours alone to take back: a fork holds
/// the work of others, and what is public was seen. It looks first, and changes nothing that is not as the step left it. `store` is
/// any local repository: git deletes a branch from within one.
///
/// # Errors
/// When GitHub or the remote refuses.
pub async fn take_back(
    world: &World,
    store: &Path,
    kind: StepKind,
    output: &Output,
) -> Result<Option<String>, StepError> {
    match (kind, output) {
        (StepKind::OpenPrivatePull, Output::Pull(pull)) => close(world, pull).await.map(Some),
        (StepKind::PushPrivate, Output::Ref(pushed)) => delete(world, store, pushed).await.map(Some),
        _ => Ok(None),
    }
}

/// A private side that has become public is taken back from all the same: it shows less then, not more.
fn permit() -> Permit {
    Permit::Overruled(Overruled::because("what is taken back shows nothing new"))
}

async fn close(world: &World, opened: &OpenedPull) -> Result<String, StepError> {
    let OpenedPull { repo, number, .. } = opened;
    let pull = world.github.pull(repo, *number).await?;
    if pull.is_none_or(|pull| pull.state != PullState::Open) {
        return Ok(format!("{repo}#{number} was not open any more"));
    }
    world.github.close_pull(repo, *number, &permit()).await?;
    Ok(format!("{repo}#{number} is closed"))
}

async fn delete(world: &World, store: &Path, pushed: &PushedRef) -> Result<String, StepError> {
    let PushedRef { repo, branch, commit } = pushed;
    let name = branch.full();
    match world.transport.ls_remote(repo, &[&name]).await?.remove(&name) {
        None => Ok(format!("`{branch}` of {repo} was gone already")),
        Some(head) if head == *commit => {
            let update = RefUpdate::Delete { name, old: head };
            world.transport.push(store, repo, &[update], &permit()).await?;
            Ok(format!("`{branch}` of {repo} is deleted"))
        }
        Some(head) => {
            Ok(format!("`{branch}` of {repo} was left as it is: somebody moved it to {}", head.short()))
        }
    }
}
