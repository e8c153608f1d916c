//! `await-cve`: wait for the CVE, unless people decide to continue without it. Only the release-day gate waits for
//! it: GitHub has taken more than a month (jupyter/security#126).

use jiff::SignedDuration;

use super::accept_report::current;
use crate::next_action::Advice;
use crate::release::CveWish;
use crate::steps::context::{Applied, Observed, StepContext, Wait};
use crate::steps::error::StepError;
use crate::steps::facts::Decision;
use crate::steps::output::Output;
use crate::steps::publish::answer::waive;

/// How often the advisory is read.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let advisory = context.advisory()?;
    if advisory.cve == CveWish::None {
        return Ok(Observed::Done(Output::Cve(None)));
    }
    if let Some(Decision::Waived { .. }) = context.facts.decisions.get(&context.step.name) {
        return Ok(Observed::Done(Output::Cve(None)));
    }
    Ok(match current(context).await?.cve {
        Some(cve) => Observed::Done(Output::Cve(Some(cve))),
        // People assign it, usually within days: looking every hour is enough, and patience does not apply.
        None => Observed::Wait(Wait {
            until: context.world.clock.now().checked_add(LOOK_EVERY).unwrap_or(jiff::Timestamp::MAX),
            what: format!("GitHub to assign a CVE to {}", advisory.id),
            instead: vec![Advice::then("to continue without it", waive(context))],
        }),
    })
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}
