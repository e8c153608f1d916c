//! The end of the embargo.

use crate::egress::Disclosed;
use crate::steps::context::StepContext;
use crate::workflow::RELEASE_DAY;

/// Leave to act in public: only once the release-day gate was passed.
#[must_use]
pub fn disclosed(context: &StepContext) -> Option<Disclosed> {
    let passage = context.facts.passage(&context.plan, RELEASE_DAY)?;
    Some(Disclosed::by_release_day_gate(passage.digest.clone()))
}
