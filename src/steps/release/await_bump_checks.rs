//! `await-bump-checks` and `await-development-checks`: wait for the checks of the bump.

use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::patch::stacked;
use crate::steps::publish::checks_of;

/// Why there is nothing to wait for.
const NOTHING: &str = "the line already has the version";

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    match stacked::bump(context)? {
        None => Ok(Observed::Done(Output::Skipped(NOTHING.to_owned()))),
        Some(pull) => checks_of::observe(context, pull, &context.target()?.branch).await,
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    match stacked::bump(context)? {
        None => Ok(Applied::Done(Output::Skipped(NOTHING.to_owned()))),
        Some(pull) => checks_of::begin(context, pull).await,
    }
}
