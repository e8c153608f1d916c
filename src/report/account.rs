//! What a release that is called off has done, and how each of it is undone.

use serde::Serialize;

use crate::ids::StepName;
use crate::kinds::{StepKind, Undo, Visibility};
use crate::plan::{Plan, Step};
use crate::run::{Completion, Event, StampedEvent, State};
use crate::steps::{Begun, Output};

/// What was done outside of this machine.
#[derive(Debug, Serialize)]
pub struct Account {
    /// Steps that were begun and not finished: what they do may be there or not.
    pub uncertain: Vec<StepName>,
    /// What was done, in the order in which it is undone: what everybody sees first, and within that the latest first.
    pub effects: Vec<LastingEffect>,
}

/// Something that Lockgate did outside of this machine.
#[derive(Debug, Clone, Serialize)]
pub struct LastingEffect {
    /// The step.
    pub step: StepName,
    /// Its kind.
    #[serde(skip)]
    pub kind: StepKind,
    /// What it did.
    pub what: String,
    /// Who can see it.
    pub visibility: Visibility,
    /// What it takes to undo it.
    #[serde(skip)]
    pub undo: Undo,
    /// What it left.
    #[serde(skip)]
    pub output: Output,
}

impl Account {
    /// The account of a run.
    #[must_use]
    pub fn of(plan: &Plan, state: &State, events: &[StampedEvent]) -> Account {
        Account::of_earlier(plan, state, events, &[])
    }

    /// That of a run that was called off: what those which were started in its place neither did again nor took back. `later` are
    /// their facts.
    #[must_use]
    pub fn of_earlier(
        plan: &Plan,
        state: &State,
        events: &[StampedEvent],
        later: &[StampedEvent],
    ) -> Account {
        let since: Vec<LastingEffect> = later.iter().filter_map(|stamped| effect(&stamped.record)).collect();
        let mut effects: Vec<LastingEffect> = Vec::new();
        for effect in events.iter().rev().filter_map(|stamped| effect(&stamped.record)) {
            if !since.iter().chain(&effects).any(|later| later.replaces(&effect)) {
                effects.push(effect);
            }
        }
        effects.retain(|effect| !is_taken_back(effect, events, later));
        effects.sort_by_key(|effect| match effect.visibility {
            Visibility::Public => 0,
            Visibility::Guarded => 1,
            Visibility::Private => 2,
            Visibility::Local => 3,
        });
        let is_open = |step: &&Step| is_uncertain(state, step) && !was_taken_again(&step.name, later);
        let uncertain = plan.steps().filter(is_open).map(|step| step.name.clone());
        Account { uncertain: uncertain.collect(), effects }
    }
}

impl LastingEffect {
    /// Whether what was done before is there no more for this, or is the same.
    fn replaces(&self, earlier: &LastingEffect) -> bool {
        match (&self.output, &earlier.output) {
            (Output::Ref(new), Output::Ref(old)) => new.repo == old.repo && new.branch == old.branch,
            _ => self.step == earlier.step && self.what == earlier.what,
        }
    }
}

fn is_taken_back(effect: &LastingEffect, own: &[StampedEvent], later: &[StampedEvent]) -> bool {
    let told = |stamped: &StampedEvent, is_own: bool| match &stamped.record {
        Event::TakenBack { step, output, .. } => {
            *step == effect.step && output.as_ref().map_or(is_own, |output| *output == effect.output)
        }
        _ => false,
    };
    own.iter().any(|stamped| told(stamped, true)) || later.iter().any(|stamped| told(stamped, false))
}

/// Whether the step was looked at again, and is known there.
fn was_taken_again(step: &StepName, later: &[StampedEvent]) -> bool {
    later.iter().any(|stamped| match &stamped.record {
        Event::Intent { step: taken } | Event::Done { step: taken, .. } => taken == step,
        _ => false,
    })
}

fn is_uncertain(state: &State, step: &Step) -> bool {
    state.begun(&step.name) == Begun::Yes && step.kind.visibility() != Visibility::Local
}

/// The kind of step by which Lockgate itself did something outside of this machine; what it found was somebody else's.
fn lasting(event: &Event) -> Option<StepKind> {
    let Event::Done { step, how: Completion::Acted, output } = event else { return None };
    // By its name: what an amendment dropped is not in the plan any more, and what it did is still there.
    let kind = StepKind::of_step(step.as_str())?;
    let is_outside = kind.visibility() != Visibility::Local && !matches!(output, Output::Skipped(_));
    is_outside.then_some(kind)
}

/// The steps of which everybody can see what they did: those of this run, once for each time that it was done, and those of runs
/// that were called off before it.
#[must_use]
pub fn public_steps(events: &[StampedEvent]) -> Vec<(StepName, StepKind)> {
    let kind_of = |step: &StepName| Some((step.clone(), StepKind::of_step(step.as_str())?));
    let done = |event: &Event| -> Vec<(StepName, StepKind)> {
        match event {
            Event::Inherited(left) => left.public.iter().filter_map(kind_of).collect(),
            Event::Done { step, .. } => lasting(event).map(|kind| (step.clone(), kind)).into_iter().collect(),
            _ => Vec::new(),
        }
    };
    let steps = events.iter().flat_map(|stamped| done(&stamped.record));
    steps.filter(|(_, kind)| matches!(kind.visibility(), Visibility::Public | Visibility::Guarded)).collect()
}

fn effect(event: &Event) -> Option<LastingEffect> {
    let Event::Done { step, output, .. } = event else { return None };
    let kind = lasting(event)?;
    Some(LastingEffect {
        step: step.clone(),
        kind,
        what: output.summary(),
        visibility: kind.visibility(),
        undo: kind.undo(),
        output: output.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::demo_plan;
    use crate::steps::OpenedPull;

    fn stamped(record: Event) -> StampedEvent {
        StampedEvent { number: 1, at: "2026-03-02T09:00:00Z".parse().unwrap(), record }
    }

    fn opened(step: &StepName, number: u64) -> Output {
        assert!(step.as_str().starts_with("open-private-pull"));
        Output::Pull(OpenedPull {
            repo: "acme/pump".parse().unwrap(),
            number,
            url: format!("https://github.com/acme/pump/pull/{number}"),
            branch: "fix".parse().unwrap(),
            head: "c".repeat(40).parse().unwrap(),
        })
    }

    /// The numbers of the pull requests that the first run left.
    fn left(plan: &Plan, own: &[Event], later: &[Event]) -> Vec<u64> {
        let own: Vec<StampedEvent> = own.iter().cloned().map(stamped).collect();
        let later: Vec<StampedEvent> = later.iter().cloned().map(stamped).collect();
        let account = Account::of_earlier(plan, &State::fold(&own), &own, &later);
        let pulls = account.effects.iter().filter_map(|effect| match &effect.output {
            Output::Pull(pull) => Some(pull.number),
            _ => None,
        });
        pulls.collect()
    }

    #[test]
    fn what_a_step_did_twice_is_told_once_and_what_was_taken_back_not_at_all() {
        let plan = demo_plan("wamr");
        let step = plan.of_kind(StepKind::OpenPrivatePull).next().unwrap().name.clone();
        let how = Completion::Acted;
        let done = |number| Event::Done { step: step.clone(), how, output: opened(&step, number) };
        let taken = |output| Event::TakenBack { step: step.clone(), what: "closed".into(), output };
        let own = [done(4), done(4), done(7)];
        assert_eq!(left(&plan, &own, &[]), [7, 4]);
        // A later run took back one of them, or did it again and lists it itself.
        assert_eq!(left(&plan, &own, &[taken(Some(opened(&step, 4)))]), [7]);
        assert_eq!(left(&plan, &own, &[done(7)]), [4]);
        // Without the output it is of the run in whose journal it stands.
        assert_eq!(left(&plan, &own, &[taken(None)]), [7, 4]);
        let own = [done(4), done(7), taken(None)];
        assert_eq!(left(&plan, &own, &[]), Vec::<u64>::new());
    }
}
