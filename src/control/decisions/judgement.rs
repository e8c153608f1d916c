//! Whether a decision about a step is accepted: by what its kind understands, and by where the step is.

use super::instead::instead;
use super::refusal::{Hindrance, Refusal};
use crate::control::authority::member;
use crate::ids::{Login, StepName};
use crate::input::suggest;
use crate::kinds::{AllowedDecision, DecisionKind, StepKind, When};
use crate::next_action::{Advice, NextAction};
use crate::plan::{Plan, Step};
use crate::run::{Event, State, StepStatus};
use crate::steps::{Decision, Output, Question};

/// As many steps are named to whoever gave the name of several.
const MOST_MEANT: usize = 3;
/// More suggestions than fit into a sentence are none.
const SHORT_LIST: usize = 200;

/// The decisions that people can take in a run, as its plan and its events have it.
#[derive(Clone, Copy)]
pub struct Decisions<'a> {
    pub(super) plan: &'a Plan,
    pub(super) state: &'a State,
}

/// A decision that is to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// What is recorded.
    pub event: Event,
    /// The step that it is about.
    pub step: StepName,
    /// Who decided, as the release spells them.
    pub by: Login,
    /// What follows from it, as a statement.
    pub means: &'static str,
    /// What the step asked, if it did.
    pub asked: Option<String>,
}

impl<'a> Decisions<'a> {
    /// The decisions about a run with this plan and state.
    #[must_use]
    pub fn new(plan: &'a Plan, state: &'a State) -> Decisions<'a> {
        Decisions { plan, state }
    }

    /// A decision has an effect only while the release is under way.
    pub(in crate::control) fn check_under_way(&self) -> Result<(), Refusal> {
        if let Some(reason) = &self.state.aborted {
            return Err(Refusal::CalledOff { reason: reason.clone() });
        }
        if self.state.finished { Err(Refusal::Finished) } else { Ok(()) }
    }

    /// The step of this name.
    pub(super) fn step(&self, name: &StepName) -> Result<&'a Step, Refusal> {
        self.plan.step(name).ok_or_else(|| Refusal::UnknownStep {
            step: name.clone(),
            nearest: self.meant(name.as_str()).or_else(|| {
                let nearest = suggest(name.as_str(), self.plan.steps().map(|step| step.name.as_str()));
                Some(nearest).filter(|nearest| nearest.len() <= SHORT_LIST)
            }),
        })
    }

    /// The steps that somebody may mean by a kind, by a name in the workflow, or by a name in other letters. Those that are
    /// not done come first.
    fn meant(&self, given: &str) -> Option<String> {
        let is_meant = |step: &&Step| {
            let names = [Some(step.name.as_str()), step.asks.as_deref(), Some(step.kind.as_str())];
            names.into_iter().flatten().any(|name| name.eq_ignore_ascii_case(given))
        };
        let mut meant: Vec<&Step> = self.plan.steps().filter(is_meant).collect();
        meant.sort_by_key(|step| self.state.is_done(&step.name));
        let names: Vec<&str> = meant.iter().map(|step| step.name.as_str()).take(MOST_MEANT).collect();
        (!names.is_empty()).then(|| format!("did you mean `{}`?", names.join("` or `")))
    }

    /// Whether the decision about the step has an effect now.
    pub(super) fn judge(&self, step: &Step, decision: DecisionKind) -> Result<AllowedDecision, Refusal> {
        self.check_under_way()?;
        let refused = |why| {
            let take_back = match &why {
                Hindrance::Answered { by: Some(by) } if self.can_withdraw(&step.name, by) => {
                    let action = NextAction::Withdraw { step: step.name.clone(), by: by.clone() };
                    Some(Advice::then("to take that answer back", action))
                }
                _ => None,
            };
            let instead = instead(self.plan, self.state, step).into_iter().chain(take_back).collect();
            Refusal::Step { step: step.name.clone(), decision, why, instead }
        };
        let allowed = step.kind.decision(decision).ok_or_else(|| refused(Hindrance::Never))?;
        match self.hindrance(step, &allowed) {
            None => Ok(allowed),
            Some(why) => Err(refused(why)),
        }
    }

    /// Why a decision that the step's kind understands would have no effect now.
    fn hindrance(&self, step: &Step, allowed: &AllowedDecision) -> Option<Hindrance> {
        let (held, shown) = (allowed.when == When::Held, allowed.when == When::Shown);
        match self.state.status(&step.name) {
            StepStatus::Done => Some(self.finished(step)),
            StepStatus::Begun | StepStatus::Open
                if self.state.is_looked_at_again(&step.name) && allowed.when != When::Ahead =>
            {
                Some(Hindrance::LooksAgain)
            }
            StepStatus::Begun => Some(self.answered(step).unwrap_or(Hindrance::Begun)),
            StepStatus::Open if allowed.when == When::Ahead => self.answered(step),
            StepStatus::Open => Some(self.answered(step).unwrap_or(Hindrance::NotReached)),
            StepStatus::Asked(_) | StepStatus::Waiting(_) | StepStatus::Failed(_) if held => None,
            StepStatus::Asked(question) if offers(&question.next, step, allowed.decision) => None,
            StepStatus::Waiting(wait) if shown && offers(&wait.instead, step, allowed.decision) => None,
            StepStatus::Failed(_) if shown => None,
            StepStatus::Asked(question) if is_of_an_earlier_version(question) => {
                Some(Hindrance::AskedByEarlier)
            }
            StepStatus::Asked(_) => Some(Hindrance::OtherQuestion),
            StepStatus::Waiting(wait) => Some(Hindrance::Waits { what: wait.what.clone() }),
            StepStatus::Failed(_) => Some(Hindrance::Failed),
        }
    }

    fn finished(&self, step: &Step) -> Hindrance {
        match self.state.facts.outputs.get(&step.name) {
            Some(Output::Skipped(why)) => Hindrance::Skipped { why: why.clone() },
            _ => Hindrance::Done,
        }
    }

    /// What a step will ask that can be answered ahead.
    fn asked_later(&self, step: &Step) -> Option<String> {
        let name = step.asks.as_ref().filter(|_| step.kind == StepKind::Confirm)?;
        self.plan.inputs.workflow.confirm.get(name).map(|confirm| confirm.text.clone())
    }

    /// The steps that are not reached yet and can be confirmed ahead, in their order.
    #[must_use]
    pub fn confirmed_ahead(&self) -> Vec<&'a Step> {
        let is_open = |step: &&Step| *self.state.status(&step.name) == StepStatus::Open;
        let can_be = |step: &&Step| self.judge(step, DecisionKind::Confirm).is_ok();
        self.plan.of_kind(StepKind::Confirm).filter(is_open).filter(can_be).collect()
    }

    /// People have answered the step, and it has not been looked at since.
    fn answered(&self, step: &Step) -> Option<Hindrance> {
        self.state.is_just_decided(&step.name).then(|| {
            let by = self.state.facts.decided_by.get(&step.name).cloned();
            Hindrance::Answered { by }
        })
    }

    /// A decision about a step, in the name of somebody who has a part in the release.
    pub(super) fn accept(
        &self,
        step: &Step,
        kind: DecisionKind,
        decision: Decision,
        who: &Login,
    ) -> Result<Accepted, Refusal> {
        let by = member(&self.plan.inputs, who)?;
        let allowed = self.judge(step, kind)?;
        let asked = match self.state.status(&step.name) {
            StepStatus::Asked(question) => Some(question.text.clone()),
            _ => self.asked_later(step),
        };
        let event = Event::Decided { step: step.name.clone(), decision, by: by.clone() };
        Ok(Accepted { event, step: step.name.clone(), by, means: allowed.means, asked })
    }
}

/// Whether the decision is among these answers to a question, or among what people may do instead of waiting.
pub(super) fn offers(next: &[Advice], step: &Step, decision: DecisionKind) -> bool {
    let mut actions = next.iter().filter_map(|advice| advice.action.as_ref());
    actions.any(|action| match (decision, action) {
        (DecisionKind::Approve, NextAction::Approve { gate, .. }) => step.asks.as_deref() == Some(gate),
        (DecisionKind::Confirm, NextAction::Confirm { step: about })
        | (DecisionKind::SendAgain, NextAction::SendAgain { step: about })
        | (DecisionKind::Waive, NextAction::Waive { step: about, .. })
        | (DecisionKind::Resolve, NextAction::Resolve { step: about, .. }) => *about == step.name,
        _ => false,
    })
}

/// Versions up to 0.1 worded the answers of a question; they offer nothing that this version can know.
fn is_of_an_earlier_version(question: &Question) -> bool {
    question.next.iter().all(|advice| advice.action.is_none())
}
