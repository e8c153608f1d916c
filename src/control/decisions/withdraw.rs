//! `withdraw`: an answer is taken back, as long as it has had no effect; a resolution, as long as nothing was approved that was made
//! with it.

use std::collections::BTreeSet;

use super::judgement::Decisions;
use super::refusal::Refusal;
use super::request::Ruling;
use crate::control::authority::member;
use crate::ids::{Login, StepName};
use crate::kinds::{StepKind, Visibility};
use crate::plan::Step;
use crate::run::Event;
use crate::steps::{Begun, gate_digest};

/// What follows, as a statement.
const MEANS: &str = "its question is open again, and the answer counts for nothing";
/// What follows where a conflict was resolved.
const MEANS_ANEW: &str = "the conflict is open again, and what was made with the resolution is made anew";

impl Decisions<'_> {
    /// Takes back what people answered a step, or one's own approval of a gate.
    ///
    /// # Errors
    /// When nobody has answered it, or the answer has had its effect.
    pub(super) fn withdraw(&self, step: &StepName, who: &Login) -> Result<Ruling, Refusal> {
        self.check_under_way()?;
        let step = self.answered_step(step)?;
        let by = member(&self.plan.inputs, who)?;
        if !self.has_answer(step, &by) {
            return Err(Refusal::NotAnswered { step: step.name.clone() });
        }
        let had_effect = |effect| Refusal::HadEffect { step: step.name.clone(), effect };
        let (steps, means) = match self.effect_of_answer(step) {
            None => (Vec::new(), MEANS),
            Some(_) if self.is_resolved(step) => (self.made_with(step).map_err(had_effect)?, MEANS_ANEW),
            Some(effect) => return Err(had_effect(effect)),
        };
        let event = Event::Withdrawn { step: step.name.clone(), by: by.clone(), steps };
        let (step, means) = (Some(step.name.clone()), means.to_owned());
        Ok(Ruling { event, by, step, means, asked: None, still_missing: 0 })
    }

    /// Whether the step is done with what people made of its conflict, handed in or pushed.
    fn is_resolved(&self, step: &Step) -> bool {
        self.state.is_done(&step.name) && self.state.facts.is_resolved(&step.name)
    }

    /// The steps that were done or begun with what a step made; or why that stays.
    fn made_with(&self, step: &Step) -> Result<Vec<StepName>, String> {
        let (mut made, mut seen) = (Vec::new(), BTreeSet::new());
        let mut waiting = vec![step];
        while let Some(at) = waiting.pop() {
            for later in self.plan.waiting_for(&at.name).filter(|later| seen.insert(later.name.clone())) {
                waiting.push(later);
                let is_done = self.state.is_done(&later.name);
                if !is_done && self.state.begun(&later.name) != Begun::Yes {
                    continue;
                }
                if later.kind == StepKind::Gate || later.kind.visibility() == Visibility::Public {
                    let done = if is_done { "is done" } else { "was begun" };
                    return Err(format!("`{}` came after it and {done}", later.name));
                }
                made.push(later.name.clone());
            }
        }
        Ok(made)
    }

    /// Whether somebody could take back what was answered.
    #[must_use]
    pub fn can_withdraw(&self, step: &StepName, who: &Login) -> bool {
        self.withdraw(step, who).is_ok()
    }

    /// A step by its name; a gate and what people confirm also by the name in the workflow, where there is one of it.
    fn answered_step(&self, name: &StepName) -> Result<&Step, Refusal> {
        let is_called = |step: &&Step| step.asks.as_deref() == Some(name.as_str());
        let called: Vec<&Step> = self.plan.steps().filter(is_called).collect();
        match called.as_slice() {
            [one] if self.plan.step(name).is_none() => Ok(one),
            _ => self.step(name),
        }
    }

    fn has_answer(&self, step: &Step, by: &Login) -> bool {
        let facts = &self.state.facts;
        match step.kind {
            StepKind::Gate => {
                // One that has lapsed counts for nothing as it is.
                let shown = gate_digest(self.plan, facts, step);
                let all = facts.approvals.get(&step.name);
                all.is_some_and(|all| all.iter().any(|(who, of)| who == by && *of == shown))
            }
            _ => facts.decisions.contains_key(&step.name) || self.is_resolved(step),
        }
    }

    /// What came of the answer; `None` where nothing did.
    fn effect_of_answer(&self, step: &Step) -> Option<String> {
        let state = self.state;
        if state.is_done(&step.name) {
            // What people confirm is nothing but their word: it has an effect once something is built on it.
            if step.kind != StepKind::Confirm {
                return Some("the step is done with it".to_owned());
            }
            let has_gone_on =
                |later: &&Step| state.is_done(&later.name) || state.begun(&later.name) == Begun::Yes;
            return self.plan.waiting_for(&step.name).find(has_gone_on).map(|later| {
                let done = if state.is_done(&later.name) { "is done" } else { "was begun" };
                format!("`{}` came after it and {done}", later.name)
            });
        }
        let is_unused = step.kind == StepKind::Gate || state.is_just_decided(&step.name);
        (!is_unused).then(|| "the step has been looked at with it".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::next_action::NextAction;
    use crate::plan::{Plan, demo_plan};
    use crate::run::{Completion, StampedEvent, State, StepStatus};
    use crate::steps::{Decision, Facts, Output, Question, QuestionKind};

    fn mara() -> Login {
        "mara".parse().unwrap()
    }

    fn after(plan: &Plan, events: &[Event]) -> State {
        let at = plan.snapshot.taken;
        let stamped =
            (1..).zip(events).map(|(number, event)| StampedEvent { number, at, record: event.clone() });
        State::fold(&stamped.collect::<Vec<StampedEvent>>())
    }

    fn confirmation(plan: &Plan) -> (Step, Vec<Event>) {
        let step = plan.of_kind(StepKind::Confirm).next().unwrap().clone();
        let next = vec![NextAction::Confirm { step: step.name.clone() }.into()];
        let question = Question { kind: QuestionKind::Confirmation, text: "is it so?".into(), next };
        let events = vec![
            Event::Asked { step: step.name.clone(), question },
            Event::Decided {
                step: step.name.clone(),
                decision: Decision::Confirmed,
                by: "ines".parse().unwrap(),
            },
        ];
        (step, events)
    }

    fn done(step: &Step) -> Event {
        Event::Done { step: step.name.clone(), how: Completion::Acted, output: Output::Note("done".into()) }
    }

    #[test]
    fn confirmation_is_taken_back_until_something_is_built_on_it() {
        let plan = demo_plan("github");
        let (step, mut events) = confirmation(&plan);
        let asked = after(&plan, &events[..1]);
        let nothing = Decisions::new(&plan, &asked).withdraw(&step.name, &mara());
        assert_eq!(nothing, Err(Refusal::NotAnswered { step: step.name.clone() }));

        for is_done in [false, true] {
            if is_done {
                events.push(done(&step));
            }
            let state = after(&plan, &events);
            let ruling = Decisions::new(&plan, &state).withdraw(&step.name, &mara()).unwrap();
            let again = after(&plan, &[events.clone(), vec![ruling.event]].concat());
            assert_eq!(again.status(&step.name), asked.status(&step.name), "it asks as before");
            assert!(again.facts.decisions.is_empty() && !again.facts.outputs.contains_key(&step.name));
            let once = Decisions::new(&plan, &again).confirm(step.name.as_str(), None, &mara());
            assert!(once.is_ok(), "it can be answered anew: {once:?}");
        }
        let later = plan.waiting_for(&step.name).next().unwrap();
        events.push(Event::Intent { step: later.name.clone() });
        let state = after(&plan, &events);
        let refused = Decisions::new(&plan, &state).withdraw(&step.name, &mara()).unwrap_err();
        let told = refused.to_string();
        assert!(told.contains(&format!("`{}` came after it and was begun", later.name)), "{told}");
        assert!(!refused.instead().is_empty());
        let stranger = "mallory".parse().unwrap();
        assert!(matches!(
            Decisions::new(&plan, &state).withdraw(&step.name, &stranger),
            Err(Refusal::NotAllowed(_))
        ));
    }

    #[test]
    fn approval_is_taken_back_by_whoever_gave_it_until_the_gate_is_passed() {
        let plan = demo_plan("github");
        let gate = plan.gate("ready").unwrap();
        let digest = gate_digest(&plan, &Facts::default(), gate);
        let question = |missing| Question {
            kind: QuestionKind::Approval { digest: digest.clone(), missing },
            text: "go?".into(),
            next: vec![NextAction::Approve { gate: "ready".into(), digest: digest.clone() }.into()],
        };
        let approved =
            Event::Approved { step: gate.name.clone(), digest: digest.clone(), by: mara(), proof: None };
        for missing in [1, 2] {
            let events =
                [Event::Asked { step: gate.name.clone(), question: question(missing) }, approved.clone()];
            let state = after(&plan, &events);
            let by_name: StepName = "ready".parse().unwrap();
            let other = Decisions::new(&plan, &state).withdraw(&by_name, &"ines".parse().unwrap());
            assert_eq!(other, Err(Refusal::NotAnswered { step: gate.name.clone() }));
            let event = Decisions::new(&plan, &state).withdraw(&by_name, &mara()).unwrap().event;
            let again = after(&plan, &[events.to_vec(), vec![event]].concat());
            assert_eq!(*again.status(&gate.name), StepStatus::Asked(question(missing)));
            let passed = after(&plan, &[events.to_vec(), vec![done(gate)]].concat());
            let late = Decisions::new(&plan, &passed).withdraw(&gate.name, &mara());
            assert!(matches!(late, Err(Refusal::HadEffect { .. })), "{late:?}");
        }
    }
}
