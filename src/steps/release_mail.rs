//! `release-mail`: announce the security release.

use super::announcement;
use super::error::StepError;
use super::public::after_the_gate;
use super::site::{Made, Seen, Site};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    Ok(announcement::observe(site, &announcement::release(site)?))
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    announcement::send(site, &announcement::release(site)?, &after_the_gate(site)?).await
}
