//! `archive-fork`: keep a copy of everything in the private fork, before it is deleted.

use super::error::StepError;
use super::output::Output;
use super::private_side::{ForkStand, fork, stand};
use super::site::{Made, Seen, Site};
use crate::git::{Store, TransportError};
use crate::ids::RepoName;

/// Why there is nothing to keep.
const NO_FORK: &str = "the advisory has no private fork";

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let Some(fork) = fork(site)? else { return Ok(Seen::Done(Output::Skipped(NO_FORK.to_owned()))) };
    if site.folder.archive(&fork).exists() {
        return Ok(Seen::Done(kept(site, &fork)));
    }
    match stand(site, &fork).await? {
        ForkStand::Stands => Ok(Seen::Todo),
        ForkStand::Gone => Ok(Seen::Done(Output::Skipped(format!(
            "`{fork}` was deleted by somebody; what was fetched \
             of it is in the run's store"
        )))),
        ForkStand::Unseen => Ok(site.wait_for(format!("`{fork}` to be seen"))),
    }
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let fork = fork(site)?.ok_or_else(|| site.only_looks())?;
    // A store that borrows is not worth more without its lender than the archive is.
    let store = site.folder.store(&site.advisory()?.repo);
    let lender = Store::open(&store).is_ok_and(|store| store.borrows()).then_some(store);
    let archive = site.folder.archive(&fork);
    match site.world.transport.mirror_backup(&fork, &archive, lender.as_deref()).await {
        // A backup appears under its name only when it is whole.
        Ok(_) | Err(TransportError::BackupExists { .. }) => Ok(Made::Done(kept(site, &fork))),
        Err(error) => Err(error.into()),
    }
}

fn kept(site: &Site, fork: &RepoName) -> Output {
    let path = site.folder.archive(fork);
    let shown = path.strip_prefix(site.folder.root()).unwrap_or(&path);
    Output::Files(vec![shown.display().to_string()])
}
