//! `confirm`: what a step states is so.

use std::collections::BTreeSet;

use super::judgement::{Accepted, Decisions, offers};
use super::refusal::Refusal;
use crate::ids::{GhsaId, Login, StepName};
use crate::kinds::{DecisionKind, StepKind};
use crate::plan::Step;
use crate::run::StepStatus;
use crate::steps::Decision;

impl<'a> Decisions<'a> {
    /// Confirms what a step states. It is named by its step, its kind or its name in the workflow, and by its advisory
    /// where it is asked about each.
    ///
    /// # Errors
    /// When that is no one step, or the step is not to be confirmed now.
    pub fn confirm(&self, what: &str, advisory: Option<&GhsaId>, who: &Login) -> Result<Accepted, Refusal> {
        let step = self.confirmation(what, advisory)?;
        self.accept(step, DecisionKind::Confirm, Decision::Confirmed, who)
    }

    /// Has what a step sent be sent once more, as it has not arrived. The step is named as for [`Decisions::confirm`].
    ///
    /// # Errors
    /// When that is no one step, or it does not ask whether what it sent has arrived.
    pub fn send_again(&self, what: &str, who: &Login) -> Result<Accepted, Refusal> {
        let step = self.confirmation(what, None)?;
        self.accept(step, DecisionKind::SendAgain, Decision::SendAgain, who)
    }

    fn confirmation(&self, what: &str, advisory: Option<&GhsaId>) -> Result<&'a Step, Refusal> {
        // A name may hold an advisory's id in other letters, or without its prefix.
        let name = what.parse::<StepName>().ok();
        let is_named = |step: &&Step| name.as_ref() == Some(&step.name) || is_called(step, what);
        let named: Vec<&Step> = self.plan.steps().filter(is_named).collect();
        if named.is_empty() {
            let known = self.plan.steps().filter(|step| self.is_confirmed(step)).map(name_of);
            let known = known.collect::<BTreeSet<String>>().into_iter().collect();
            return Err(Refusal::UnknownConfirmation { what: what.to_owned(), known });
        }
        let is_about = |step: &&&Step| advisory.is_none() || step.subject.advisory.as_ref() == advisory;
        let about: Vec<&Step> = named.iter().filter(is_about).copied().collect();
        let asked: Vec<&Step> = about.iter().copied().filter(|step| self.offers_confirmation(step)).collect();
        match (asked.as_slice(), about.as_slice()) {
            ([one], _) | ([], [one]) => Ok(one),
            (_, []) => Err(Refusal::OtherAdvisory {
                what: what.to_owned(),
                advisories: named.iter().filter_map(|step| step.subject.advisory.clone()).collect(),
            }),
            ([], several) | (several, _) => Err(Refusal::Ambiguous {
                what: what.to_owned(),
                steps: several.iter().map(|step| step.name.clone()).collect(),
            }),
        }
    }

    /// The workflow's own confirmations, and whatever other step asks for one now.
    fn is_confirmed(&self, step: &Step) -> bool {
        step.kind == StepKind::Confirm || self.offers_confirmation(step)
    }

    fn offers_confirmation(&self, step: &Step) -> bool {
        match self.state.status(&step.name) {
            StepStatus::Asked(question) => offers(&question.next, step, DecisionKind::Confirm),
            _ => false,
        }
    }
}

fn is_called(step: &Step, what: &str) -> bool {
    [step.asks.as_deref(), Some(step.kind.as_str())].contains(&Some(what))
}

/// A confirmation that is asked about each advisory is many steps of one name.
fn name_of(step: &Step) -> String {
    step.asks.clone().unwrap_or_else(|| step.name.to_string())
}
