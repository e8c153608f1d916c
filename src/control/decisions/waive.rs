//! `waive`: the release continues without what a step wants.

use super::judgement::{Accepted, Decisions};
use super::refusal::Refusal;
use crate::ids::{Login, StepName};
use crate::kinds::DecisionKind;
use crate::steps::Decision;

impl Decisions<'_> {
    /// Waives a step, for a reason that the report will show.
    ///
    /// # Errors
    /// When the step cannot be waived, or not now.
    pub fn waive(&self, step: &StepName, who: &Login, reason: &str) -> Result<Accepted, Refusal> {
        let step = self.step(step)?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Refusal::NoReason);
        }
        self.accept(step, DecisionKind::Waive, Decision::Waived { reason: reason.to_owned() }, who)
    }
}
