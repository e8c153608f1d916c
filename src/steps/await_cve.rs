//! `await-cve`: wait for the CVE, unless people decide to go on without it. Only the release-day gate waits for
//! this: assignment has taken GitHub more than a month (jupyter/security#126).

use jiff::SignedDuration;

use super::accept_report::current;
use super::error::StepError;
use super::facts::Decision;
use super::output::Output;
use super::site::{Made, Seen, Site, Wait};
use crate::release::CveWish;

/// How often the advisory is looked at.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);

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
        // People assign it, in days as a rule: looking every hour is enough, and no patience runs out.
        None => Seen::Wait(Wait {
            until: site.world.clock.now().checked_add(LOOK_EVERY).unwrap_or(jiff::Timestamp::MAX),
            what: format!(
                "GitHub to assign a CVE to {} (to go on without: `lockgate waive {} --as NAME --reason WHY`)",
                advisory.id, site.step.name
            ),
        }),
    })
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    Err(site.only_looks())
}
