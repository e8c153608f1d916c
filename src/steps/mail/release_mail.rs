//! `release-mail`: announce the security release.

use super::sending;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::publish::public::after_the_gate;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    Ok(sending::observe(context, &sending::release(context)?).await)
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    sending::send(context, &sending::release(context)?, &after_the_gate(context)?).await
}
