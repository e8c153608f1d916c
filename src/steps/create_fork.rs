//! `create-fork`: create the temporary private fork. GitHub makes it in the background, in up to five minutes.

use super::accept_report::current;
use super::error::StepError;
use super::output::Output;
use super::site::{Made, Seen, Site};
use crate::github::Class;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let Some(fork) = current(site).await?.private_fork else { return Ok(Seen::Todo) };
    // The advisory names the fork before its branches are there.
    let heads = site.world.transport.ls_remote(&fork, &["refs/heads/*"]).await;
    match heads {
        Ok(heads) if !heads.is_empty() => Ok(Seen::Done(Output::Repository(fork))),
        _ => Ok(site.wait_for(format!("the private fork `{fork}` to be made"))),
    }
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let advisory = site.advisory()?;
    match site.world.github.create_private_fork(&advisory.repo, &advisory.id).await {
        Ok(_) => Ok(site.look_again("the private fork to be made")),
        // Asked a second time while the first is under way: the text of this refusal is documented nowhere.
        Err(error) if matches!(error.class, Class::Invalid { .. }) => {
            Ok(site.look_again("the private fork to be made"))
        }
        Err(error) => Err(error.into()),
    }
}
