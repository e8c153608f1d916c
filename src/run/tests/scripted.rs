//! A world in which every step follows a script: it is found, waits, fails, asks or loses its answer so often, and then
//! works. What is counted is what a killed run must not do twice.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::plans::moved;
use crate::failure::{Effect, Persistence};
use crate::ids::{Digest, Login, StepName};
use crate::kinds::{StepKind, Visibility};
use crate::plan::Step;
use crate::steps::{
    Applied, Begun, Blame, Decision, Facts, Observed, Output, Question, QuestionKind, StepError, Wait,
};

/// What happens to one step before it works.
#[derive(Debug, Clone, Default)]
pub(super) struct StepScript {
    /// Somebody else has done it.
    pub(super) found: bool,
    pub(super) failing_looks: u32,
    pub(super) waits: u32,
    pub(super) asks: bool,
    pub(super) failing_acts: u32,
    pub(super) failure: ActFailure,
    /// Looks that fail once it has acted.
    pub(super) failing_later_looks: u32,
    /// After acting it takes so many looks until it shows.
    pub(super) lag: u32,
}

/// How acting fails.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum ActFailure {
    /// Nothing was sent.
    #[default]
    NotSent,
    /// Nothing happened, and nobody knows.
    RequestLost,
    /// It happened, and nobody knows.
    AnswerLost,
    /// It is refused until people have done something.
    Refused,
}

pub(super) fn step_script() -> impl Strategy<Value = StepScript> {
    // Most steps of a release just work; what matters is what comes together.
    let rarely = |most: u32| prop_oneof![3 => Just(0), 1 => 0..=most];
    let rare = || prop::bool::weighted(0.15);
    let failure = prop::sample::select(&ActFailure::ALL);
    let looks = (rarely(5), rarely(2), rarely(5));
    (rare(), rare(), looks, rarely(5), failure, rarely(2)).prop_map(
        |(found, asks, (failing_looks, waits, failing_later_looks), failing_acts, failure, lag)| StepScript {
            found,
            failing_looks,
            waits,
            asks,
            failing_acts,
            failure,
            failing_later_looks,
            lag,
        },
    )
}

/// The outside, as it goes on whatever happens to the run.
#[derive(Debug, Clone)]
pub(super) struct ScriptedWorld {
    steps: BTreeMap<StepName, ScriptedStep>,
    pub(super) now: Timestamp,
    /// Whether the head of the default branch moves while the release-day gate is waited for.
    moves: bool,
}

#[derive(Debug, Clone)]
struct ScriptedStep {
    script: StepScript,
    has_acted: bool,
    /// How often the effect was brought about.
    effects: u32,
}

impl ScriptedWorld {
    pub(super) fn new(scripts: BTreeMap<StepName, StepScript>, moves: bool) -> ScriptedWorld {
        let scripted = |(name, script)| (name, ScriptedStep { script, has_acted: false, effects: 0 });
        let now = "2026-03-02T09:00:00Z".parse().unwrap();
        ScriptedWorld { steps: scripts.into_iter().map(scripted).collect(), now, moves }
    }

    /// How often each outward effect was brought about.
    pub(super) fn effects(&self) -> BTreeMap<StepName, u32> {
        self.steps.iter().map(|(name, scripted)| (name.clone(), scripted.effects)).collect()
    }

    pub(super) fn look(&mut self, step: &Step, facts: &Facts, begun: Begun) -> Result<Observed, StepError> {
        let later = self.later();
        if let Some(failed) = self.step(step).fails_to_look() {
            return Err(failed);
        }
        if step.kind == StepKind::Gate {
            return Ok(self.gate(step, facts));
        }
        let scripted = self.step(step);
        if step.kind.visibility() == Visibility::Local {
            return Ok(scripted.before_acting(step, facts, later).unwrap_or(Observed::Todo));
        }
        if step.kind == StepKind::ReleaseMail {
            return Ok(scripted.mail(step, facts, begun, later));
        }
        if scripted.script.found || scripted.effects > 0 {
            return Ok(match scripted.script.lag.checked_sub(1) {
                Some(left) => {
                    scripted.script.lag = left;
                    Observed::Wait(Wait::new(later, "it to show"))
                }
                None => Observed::Done(output(step, facts)),
            });
        }
        Ok(scripted.before_acting(step, facts, later).unwrap_or(Observed::Todo))
    }

    pub(super) fn act(&mut self, step: &Step, facts: &Facts) -> Result<Applied, StepError> {
        let later = self.later();
        let scripted = self.step(step);
        let local = step.kind.visibility() == Visibility::Local;
        scripted.has_acted = true;
        if let Some(left) = scripted.script.failing_acts.checked_sub(1) {
            scripted.script.failing_acts = left;
            let failure = if local { ActFailure::NotSent } else { scripted.script.failure };
            scripted.effects += u32::from(matches!(failure, ActFailure::AnswerLost));
            return Err(failure.error());
        }
        if local {
            return Ok(Applied::Done(output(step, facts)));
        }
        scripted.effects += 1;
        if scripted.script.lag > 0 && step.kind != StepKind::ReleaseMail {
            return Ok(Applied::Wait(Wait::new(later, "it to show")));
        }
        Ok(Applied::Done(output(step, facts)))
    }

    /// What people find when they look for the mail themselves.
    pub(super) fn has_arrived(&self, step: &StepName) -> bool {
        self.steps[step].effects > 0
    }

    fn gate(&mut self, step: &Step, facts: &Facts) -> Observed {
        let head = moved();
        let known = facts.moved.contains_key(&(head.repo.clone(), head.branch.clone()));
        if self.moves && !known && step.asks.as_deref() == Some("release-day") {
            return Observed::Moved(vec![head]);
        }
        let digest = shown(facts);
        let approved =
            facts.approvals.get(&step.name).is_some_and(|given| given.iter().any(|(_, of)| *of == digest));
        if approved {
            return Observed::Done(Output::Note(format!("passed at {}", digest.short())));
        }
        Observed::Ask(question(QuestionKind::Approval { digest, missing: 1 }))
    }

    fn step(&mut self, step: &Step) -> &mut ScriptedStep {
        self.steps.get_mut(&step.name).unwrap()
    }

    fn later(&self) -> Timestamp {
        self.now.checked_add(SignedDuration::from_secs(30)).unwrap()
    }
}

impl ScriptedStep {
    fn fails_to_look(&mut self) -> Option<StepError> {
        let script = &mut self.script;
        let left = if self.has_acted { &mut script.failing_later_looks } else { &mut script.failing_looks };
        *left = left.checked_sub(1)?;
        // Whatever the service says of a look, it changed nothing.
        Some(ActFailure::AnswerLost.error())
    }

    fn before_acting(&mut self, step: &Step, facts: &Facts, later: Timestamp) -> Option<Observed> {
        if let Some(left) = self.script.waits.checked_sub(1) {
            self.script.waits = left;
            return Some(Observed::Wait(Wait::new(later, "its time")));
        }
        let asks = self.script.asks && !facts.decisions.contains_key(&step.name);
        asks.then(|| Observed::Ask(question(QuestionKind::Confirmation)))
    }

    /// A mail server does not tell what it has sent.
    fn mail(&mut self, step: &Step, facts: &Facts, begun: Begun, later: Timestamp) -> Observed {
        let fresh = !facts.acted_since_decision.contains(&step.name);
        match facts.decisions.get(&step.name) {
            _ if begun == Begun::No => {
                self.script.asks = false;
                self.before_acting(step, facts, later).unwrap_or(Observed::Todo)
            }
            Some(Decision::Confirmed) => Observed::Done(output(step, facts)),
            Some(Decision::Waived { .. }) if fresh => Observed::Todo,
            _ => Observed::Ask(question(QuestionKind::Decision)),
        }
    }
}

impl ActFailure {
    pub(super) const ALL: [ActFailure; 4] =
        [ActFailure::NotSent, ActFailure::RequestLost, ActFailure::AnswerLost, ActFailure::Refused];

    fn error(self) -> StepError {
        let (effect, persistence) = match self {
            ActFailure::NotSent => (Effect::None, Persistence::TRANSIENT),
            ActFailure::RequestLost | ActFailure::AnswerLost => (Effect::Unknown, Persistence::TRANSIENT),
            ActFailure::Refused => (Effect::None, Persistence::Permanent),
        };
        let message = format!("{self:?}");
        StepError { message, hint: Vec::new(), effect, blame: Blame::Outside, persistence }
    }
}

/// What a step leaves: it depends on the head that is built on, as a patch does.
fn output(step: &Step, facts: &Facts) -> Output {
    Output::Note(format!("{} on {} moved heads", step.name, facts.moved.len()))
}

/// What a gate shows: everything that was made so far, in public or not.
fn shown(facts: &Facts) -> Digest {
    let made = facts.outputs.iter().filter(|(step, _)| !step.as_str().starts_with("gate/"));
    Digest::of(made.map(|(step, output)| format!("{step}: {}", output.summary())).collect::<String>())
}

fn question(kind: QuestionKind) -> Question {
    Question { kind, text: "?".into(), next: Vec::new() }
}

/// The person who answers.
pub(super) fn mara() -> Login {
    "mara".parse().unwrap()
}
