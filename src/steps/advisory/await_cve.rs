//! `await-cve`: wait for the CVE until the disclosure time. Only the release-day gate waits for it, and it never holds the
//! day unless the release file requires it: GitHub has taken more than a month (jupyter/security#126), and what alerts
//! people is the advisory. What arrives later is written in by `late-cve`.

use jiff::{SignedDuration, Timestamp};

use super::accept_report::current;
use crate::next_action::Advice;
use crate::release::CveWish;
use crate::steps::context::{Applied, Observed, StepContext, Wait};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::publish::answer::{waive, waived};

/// How often the advisory is read.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let advisory = context.advisory()?;
    if advisory.cve == CveWish::None {
        return Ok(Observed::Done(Output::Cve(None)));
    }
    let (now, disclosure) = (context.world.clock.now(), context.inputs().release.disclosure);
    if waived(context).is_some() {
        return Ok(Observed::Done(Output::Cve(None)));
    }
    Ok(match current(context).await?.cve {
        Some(cve) => Observed::Done(Output::Cve(Some(cve))),
        None if advisory.cve != CveWish::Require && now >= disclosure => Observed::Done(Output::Cve(None)),
        // People assign it, usually within days: looking every hour is enough, and patience does not apply.
        None => Observed::Wait(Wait {
            until: next_look(now, &advisory.cve, disclosure),
            what: format!("GitHub to assign a CVE to {}", advisory.id),
            instead: vec![Advice::then("to continue without it", waive(context))],
            meanwhile: None,
            behind: None,
        }),
    })
}

/// In an hour, or at the disclosure time if that is earlier and nothing but the hour is waited for.
fn next_look(now: Timestamp, wish: &CveWish, disclosure: Timestamp) -> Timestamp {
    let hourly = now.checked_add(LOOK_EVERY).unwrap_or(Timestamp::MAX);
    if *wish == CveWish::Require { hourly } else { hourly.min(disclosure) }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}
