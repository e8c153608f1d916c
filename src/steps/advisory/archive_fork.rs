//! `archive-fork`: keep a copy of everything in the private fork, before it is deleted.

use super::private_side::{ForkPresence, fork, stand};
use crate::git::{Store, TransportError};
use crate::ids::RepoName;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;

/// Why there is nothing to keep.
const NO_FORK: &str = "the advisory has no private fork";

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let Some(fork) = fork(context)? else { return Ok(Observed::Done(Output::Skipped(NO_FORK.to_owned()))) };
    if context.folder.archive(&fork).exists() {
        return Ok(Observed::Done(kept(context, &fork)));
    }
    match stand(context, &fork).await? {
        ForkPresence::Present => Ok(Observed::Todo),
        ForkPresence::Gone => Ok(Observed::Done(Output::Skipped(format!(
            "somebody deleted `{fork}`; what was fetched of it is in \
             the run's store"
        )))),
        ForkPresence::Unseen => Ok(context.wait_for(format!("`{fork}` to become visible"))),
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let fork = fork(context)?.ok_or_else(|| context.only_looks())?;
    // An archive may borrow objects from a store that borrows itself: both need the lender anyway.
    let store = context.folder.store(&context.advisory()?.repo);
    let lender = Store::open(&store).is_ok_and(|store| store.borrows()).then_some(store);
    let archive = context.folder.archive(&fork);
    match context.world.transport.mirror_backup(&fork, &archive, lender.as_deref()).await {
        // A backup has its name only once it is complete.
        Ok(_) | Err(TransportError::BackupExists { .. }) => Ok(Applied::Done(kept(context, &fork))),
        Err(error) => Err(error.into()),
    }
}

fn kept(context: &StepContext, fork: &RepoName) -> Output {
    let path = context.folder.archive(fork);
    let shown = path.strip_prefix(context.folder.root()).unwrap_or(&path);
    Output::Files(vec![shown.display().to_string()])
}
