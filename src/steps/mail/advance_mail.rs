//! `advance-mail`: announce that a security release is coming. The mail is read by the leak guard before it goes.

use super::sending;
use crate::egress::{Permit, PublicText};
use crate::mail::Message;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::people::lapse::lapsed_before;
use crate::steps::publish::public::{Guarded, guarded};

/// The guard reads it before anything is begun: what it stops was certainly not sent.
pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let message = sending::advance(context)?;
    match sending::observe(context, &message).await {
        Observed::Todo if has_come(context) => {
            Ok(Observed::Done(Output::Skipped("the disclosure time has come".to_owned())))
        }
        // It is sent as it was approved, or not at all.
        Observed::Todo if !lapsed_before(context).is_empty() => Ok(Observed::Lapsed(lapsed_before(context))),
        Observed::Todo => Ok(match read(context, &message).await? {
            Guarded::Free(_) => Observed::Todo,
            Guarded::Stopped(question) => Observed::Ask(question),
        }),
        other => Ok(other),
    }
}

/// Whether there is nothing left to announce. An embargo that broke has no announcement.
fn has_come(context: &StepContext) -> bool {
    context.world.clock.now() >= context.inputs().release.disclosure
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let message = sending::advance(context)?;
    let permit: Permit = match read(context, &message).await? {
        Guarded::Free(permit) => permit,
        Guarded::Stopped(question) => return Ok(Applied::Ask(question)),
    };
    sending::send(context, &message, &permit).await
}

async fn read(context: &StepContext, message: &Message) -> Result<Guarded, StepError> {
    let (from, to) = (message.sender(), message.recipients().join(", "));
    let texts = [
        PublicText { part: "sender", text: &from },
        PublicText { part: "recipients", text: &to },
        PublicText { part: "subject", text: message.subject() },
        PublicText { part: "text", text: message.body() },
    ];
    guarded(context, "advance mail", &texts).await
}
