//! `advance-mail`: announce that a security release is coming. The mail is read by the leak guard before it goes.

use super::sending;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::publish::public::guarded;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    Ok(sending::observe(context, &sending::advance(context)?))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let message = sending::advance(context)?;
    let permit = guarded(context, "advance mail", &[message.subject(), message.body()]).await?;
    sending::send(context, &message, &permit).await
}
