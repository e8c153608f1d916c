//! `await-cve`: wait for the CVE, unless people decide to go on without it. Only the release-day gate waits for
//! this: assignment has taken GitHub more than a month (jupyter/security#126).

use super::accept_report::current;
use super::error::StepError;
use super::facts::Decision;
use super::output::Output;
use super::site::{Made, Seen, Site};
use crate::release::CveWish;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let advisory = site.advisory()?;
    if advisory.cve == CveWish::None {
        return Ok(Seen::Done(Output::Cve(None)));
    }
    if let Some(Decision::Waived { .. }) = site.facts.decisions.get(&site.step.name) {
        return Ok(Seen::Done(Output::Cve(None)));
    }
    Ok(match current(site).await?.cve {
        Some(cve) => Seen::Done(Output::Cve(Some(cve))),
        None => site.wait_for(format!(
            "GitHub to assign a CVE to {} (to go on without: `lockgate waive {} --as NAME --reason WHY`)",
            advisory.id, site.step.name
        )),
    })
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    Err(site.only_looks())
}
