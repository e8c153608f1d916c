//! `await-bump-checks`: wait for the checks of the bump.

use super::checks_of;
use super::error::StepError;
use super::output::Output;
use super::site::{Made, Seen, Site};
use super::stacked;

/// Why there is nothing to wait for.
const NOTHING: &str = "the line stated the version already";

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    match stacked::bump(site)? {
        None => Ok(Seen::Done(Output::Skipped(NOTHING.to_owned()))),
        Some(pull) => checks_of::observe(site, pull, &site.target()?.branch).await,
    }
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    match stacked::bump(site)? {
        None => Ok(Made::Done(Output::Skipped(NOTHING.to_owned()))),
        Some(pull) => checks_of::rerun(site, pull).await,
    }
}
