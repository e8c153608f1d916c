//! `acknowledge`: acknowledge the report to its reporter.
//!
//! GitHub has no interface for comments on an advisory, so a person answers there and confirms it here.

use super::confirm;
use super::error::StepError;
use super::output::Output;
use super::site::{Made, Seen, Site};

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let advisory = site.advisory()?;
    let Some(reporter) = &advisory.reporter else {
        return Ok(Seen::Done(Output::Skipped("reported by the maintainers themselves".to_owned())));
    };
    let text = format!(
        "Answer `{reporter}` on the page of {}: the report is received, and it is looked into now.",
        advisory.id
    );
    Ok(confirm::ask(site, text))
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    Err(site.only_looks())
}
