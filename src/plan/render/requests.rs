//! What the release will ask of GitHub, and how long its limits make that last.

use std::fmt::Write as _;

use crate::kinds::Requests;
use crate::pace::{self, CHANGES_AN_HOUR, REQUESTS_AN_HOUR};
use crate::plan::Plan;
use crate::wording::{counted, span};
use crate::workflow::RELEASE_DAY;

pub(super) fn render(plan: &Plan, out: &mut String) {
    let outlook = plan.requests();
    let _ = writeln!(out, "\nRequests to GitHub, about");
    let _ = writeln!(out, "  before the gate `{RELEASE_DAY}`: {}", told(outlook.before));
    let _ = writeln!(out, "  after it: {}", told(outlook.after));
    let _ = writeln!(out, "  {}", pace_of(outlook.after));
}

fn told(requests: Requests) -> String {
    let all = counted(requests.asks + requests.changes, "request");
    format!("{all}, {} of them change something", requests.changes)
}

/// What the limits mean for the hour.
fn pace_of(after: Requests) -> String {
    let least = span(pace::of_changes(after.changes).as_secs());
    let all = after.asks + after.changes;
    if after.changes > CHANGES_AN_HOUR {
        format!(
            "GitHub takes about {CHANGES_AN_HOUR} changes an hour: those after the gate take {least} at least"
        )
    } else if all > REQUESTS_AN_HOUR {
        format!(
            "a person's token has {REQUESTS_AN_HOUR} requests an hour: those after the gate take {} at least",
            span(3600 * (all / REQUESTS_AN_HOUR) as u64)
        )
    } else {
        format!("changes are sent a second apart, as GitHub asks: {least} at least after the gate")
    }
}
