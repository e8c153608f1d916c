//! `await-checks`: wait for the checks of the fixes' pull request.

use super::checks_of;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::patch::stacked;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    match stacked::pull(context)? {
        None => Ok(Observed::Done(Output::Skipped(stacked::NOTHING.to_owned()))),
        Some(pull) => checks_of::observe(context, pull, &context.target()?.branch).await,
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    match stacked::pull(context)? {
        None => Ok(Applied::Done(Output::Skipped(stacked::NOTHING.to_owned()))),
        Some(pull) => checks_of::begin(context, pull).await,
    }
}
