//! `create-fork`: create the temporary private fork. GitHub creates it in the background, within five minutes.

use super::accept_report::current;
use crate::github::Class;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let Some(fork) = current(context).await?.private_fork else { return Ok(Observed::Todo) };
    // The advisory names the fork before its branches exist.
    let heads = context.world.transport.ls_remote(&fork, &["refs/heads/*"]).await;
    match heads {
        Ok(heads) if !heads.is_empty() => Ok(Observed::Done(Output::Repository(fork))),
        _ => Ok(context.wait_for(format!("GitHub to create the private fork `{fork}`"))),
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let advisory = context.advisory()?;
    match context.world.github.create_private_fork(&advisory.repo, &advisory.id).await {
        Ok(_) => Ok(context.look_again("GitHub to create the private fork")),
        // A second request while the first is in progress: the text of this refusal is documented nowhere.
        Err(error) if matches!(error.class, Class::Invalid { .. }) => {
            Ok(context.look_again("GitHub to create the private fork"))
        }
        Err(error) => Err(error.into()),
    }
}
