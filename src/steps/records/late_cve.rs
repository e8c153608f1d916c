//! `late-cve`: when a CVE arrives after the release, write it into the entries. GitHub writes it into the advisory itself.
//!
//! Nothing else waits for it: everything is public, and the report says that the CVE is owed.

use jiff::{SignedDuration, Timestamp};

use super::write_entries;
use crate::next_action::Advice;
use crate::steps::advisory::accept_report::current;
use crate::steps::context::{Applied, Observed, StepContext, Wait};
use crate::steps::error::StepError;
use crate::steps::output::Output;
use crate::steps::publish::answer::{waive, waived};

/// How often the advisory is read.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// For how long after the disclosure. Assignments that took longer are not known.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(24 * 90);

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let advisory = context.advisory()?;
    if !advisory.cve.is_asked_for() || context.facts.cve(&context.plan, advisory).is_some() {
        return Ok(Observed::Done(Output::Skipped("nothing is owed".to_owned())));
    }
    if waived(context).is_some() {
        return Ok(Observed::Done(Output::Cve(None)));
    }
    if current(context).await?.cve.is_some() {
        return Ok(Observed::Todo);
    }
    let now = context.world.clock.now();
    if now.duration_since(context.inputs().release.disclosure) > GIVEN_UP_AFTER {
        return Ok(Observed::Done(Output::Cve(None)));
    }
    Ok(Observed::Wait(Wait {
        until: now.checked_add(LOOK_EVERY).unwrap_or(Timestamp::MAX),
        what: format!(
            "GitHub to assign a CVE to {}; everything is released and public, only the CVE is owed",
            advisory.id
        ),
        instead: vec![Advice::then("to wait no longer", waive(context))],
        meanwhile: None,
        behind: None,
    }))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    write_entries::apply(context).await?;
    Ok(Applied::Done(Output::Cve(current(context).await?.cve)))
}
