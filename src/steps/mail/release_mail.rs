//! `release-mail`: announce the security release.

use super::announcement;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::publish::public::after_the_gate;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    Ok(announcement::observe(context, &announcement::release(context)?))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    announcement::send(context, &announcement::release(context)?, &after_the_gate(context)?).await
}
