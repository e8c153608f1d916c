//! `await-checks`: wait for the checks of the fixes' pull request.

use super::checks_of;
use super::error::StepError;
use super::output::Output;
use super::site::{Made, Seen, Site};
use super::stacked;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    match stacked::pull(site)? {
        None => Ok(Seen::Done(Output::Skipped(stacked::NOTHING.to_owned()))),
        Some(pull) => checks_of::observe(site, pull, &site.target()?.branch).await,
    }
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    match stacked::pull(site)? {
        None => Ok(Made::Done(Output::Skipped(stacked::NOTHING.to_owned()))),
        Some(pull) => checks_of::rerun(site, pull).await,
    }
}
