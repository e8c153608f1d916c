//! `advance-mail`: announce that a security release is coming. The mail is read by the leak guard before it goes.

use super::announcement;
use super::error::StepError;
use super::public::guarded;
use super::site::{Made, Seen, Site};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    Ok(announcement::observe(site, &announcement::advance(site)?))
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let message = announcement::advance(site)?;
    let permit = guarded(site, "advance mail", &[message.subject(), message.body()]).await?;
    announcement::send(site, &message, &permit).await
}
