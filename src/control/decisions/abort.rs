//! `abort`: the release is called off.

use super::judgement::Decisions;
use super::refusal::Refusal;
use crate::control::authority::member;
use crate::ids::Login;
use crate::run::Event;

impl Decisions<'_> {
    /// Calls the release off. Nothing is undone by itself.
    ///
    /// # Errors
    /// When it is over, or was called off before.
    pub fn abort(&self, who: &Login, reason: &str) -> Result<Event, Refusal> {
        self.check_under_way()?;
        let by = member(&self.plan.inputs, who)?;
        if reason.trim().is_empty() {
            return Err(Refusal::NoReason);
        }
        Ok(Event::Aborted { by, reason: reason.trim().to_owned() })
    }
}
