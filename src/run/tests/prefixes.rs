//! EN-01, EN-03: killed at any event, whatever the steps go through, a run ends as if it had never been disturbed.
//!
//! The plan, the fold and the decisions are the real ones; the world is scripted, and the loop below stands in for the
//! engine's, without its tasks and its clock.

use std::collections::BTreeMap;
use std::rc::Rc;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::super::decision::{Next, StepResult, next};
use super::super::event::{Completion, Event, StampedEvent};
use super::super::frontier::Frontier;
use super::super::state::State;
use super::super::status::StepStatus;
use super::plans::small_plan;
use super::scripted::{ActFailure, ScriptedWorld, StepScript, mara, step_script};
use crate::failure::Effect;
use crate::ids::StepName;
use crate::kinds::StepKind;
use crate::plan::{Plan, Step};
use crate::steps::{Decision, Outputs, QuestionKind};

/// How many steps run side by side.
const PARALLEL: usize = 3;

/// The process was killed instead of writing an event.
struct Killed;

/// A run as one process drives it.
struct SimulatedRun<'a> {
    plan: &'a Plan,
    world: ScriptedWorld,
    journal: Vec<StampedEvent>,
    state: State,
    frontier: Frontier,
    in_flight: Vec<(Step, Doing)>,
    /// How many events may be in the journal before the process is killed.
    survives: usize,
    luck: Luck,
    /// For each event what it was before it.
    history: Vec<Rc<Before>>,
}

/// The world before an event, and what was under way.
type Before = (ScriptedWorld, Vec<(Step, Doing)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Looking,
    Acting,
}

/// A small generator: which of the results under way comes first.
#[derive(Clone)]
struct Luck(u64);

impl Luck {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

impl<'a> SimulatedRun<'a> {
    fn start(plan: &'a Plan, world: ScriptedWorld, luck: u64) -> SimulatedRun<'a> {
        let started = Event::Started {
            operator: "mara@desk".into(),
            plan: plan.digest().unwrap(),
            version: "0.1.0".into(),
            seat: None,
        };
        let mut process = SimulatedRun::on(plan, world, Vec::new(), luck);
        let _ = process.record(started);
        process
    }

    fn on(plan: &'a Plan, world: ScriptedWorld, journal: Vec<StampedEvent>, luck: u64) -> SimulatedRun<'a> {
        let state = State::fold(&journal);
        let frontier = Frontier::of(plan, &state);
        let (in_flight, history) = (Vec::new(), Vec::new());
        SimulatedRun {
            plan,
            world,
            journal,
            state,
            frontier,
            in_flight,
            survives: usize::MAX,
            luck: Luck(luck),
            history,
        }
    }

    /// Resumes from what a killed process left. Acts that were under way may have come to their end all the same.
    fn resume(&self, events: usize, luck: u64) -> SimulatedRun<'a> {
        let (world, in_flight) = &*self.history[events];
        let mut luck = Luck(luck);
        let mut world = world.clone();
        let before = State::fold(&self.journal[..events]);
        for (step, phase) in in_flight {
            if *phase == Doing::Acting && luck.below(2) == 0 {
                let _ = world.act(step, &before.facts);
            }
        }
        let journal = self.journal[..events].to_vec();
        let mut process = SimulatedRun::on(self.plan, world, journal, luck.0);
        process.history = self.history[..events].to_vec();
        let event = if events == 0 { self.journal[0].record.clone() } else { resumed() };
        let _ = process.record(event);
        process
    }

    fn record(&mut self, event: Event) -> Result<(), Killed> {
        if self.journal.len() >= self.survives {
            return Err(Killed);
        }
        self.history.push(Rc::new((self.world.clone(), self.in_flight.clone())));
        let number = self.journal.len() as u64 + 1;
        let stamped = StampedEvent { number, at: self.world.now, record: event };
        self.state.apply(&stamped);
        self.frontier.take(self.plan, &self.state, &stamped.record);
        self.journal.push(stamped);
        Ok(())
    }

    /// Drives the run to its end; people answer what is asked and put right what has failed.
    fn drive(&mut self) -> Result<(), Killed> {
        for _ in 0..10_000 {
            self.start_looks();
            assert_eq!(self.frontier.is_complete(), self.state.is_complete(self.plan));
            assert_eq!(self.frontier.next_look(), self.state.next_look(self.world.now));
            if !self.in_flight.is_empty() {
                self.take_result()?;
            } else if self.state.is_complete(self.plan) {
                return self.record(Event::Finished);
            } else if let Some(time) = self.state.next_look(self.world.now) {
                self.world.now = self.world.now.max(time);
            } else {
                self.people_act()?;
            }
        }
        panic!("the run comes to no end: {:?}", self.journal.iter().rev().take(8).collect::<Vec<_>>());
    }

    fn start_looks(&mut self) {
        let ready = self.state.ready(self.plan, self.world.now);
        // What is kept up to date fact by fact is what the whole state says.
        let kept = self.frontier.ready(self.plan, &self.state, self.world.now);
        assert_eq!(kept.collect::<Vec<_>>(), ready);
        for step in ready {
            if self.in_flight.len() < PARALLEL
                && !self.in_flight.iter().any(|(busy, _)| busy.name == step.name)
            {
                self.in_flight.push((step.clone(), Doing::Looking));
            }
        }
    }

    fn take_result(&mut self) -> Result<(), Killed> {
        let (step, phase) = self.in_flight.swap_remove(self.luck.below(self.in_flight.len()));
        let (facts, begun) = (&self.state.facts, self.state.begun(&step.name));
        let result = match phase {
            Doing::Looking => StepResult::Looked(self.world.look(&step, facts, begun)),
            Doing::Acting => StepResult::Acted(self.world.act(&step, facts)),
        };
        match next(&self.state, self.plan, &step, result, self.world.now) {
            Next::Act => {
                self.record(Event::Intent { step: step.name.clone() })?;
                self.in_flight.push((step, Doing::Acting));
                Ok(())
            }
            Next::Record(events) => events.into_iter().try_for_each(|event| self.record(event)),
            Next::Postpone(wait) => {
                self.state.postpone(step.name.clone(), wait);
                self.frontier.touched(self.plan, &self.state, &step.name);
                Ok(())
            }
        }
    }

    fn people_act(&mut self) -> Result<(), Killed> {
        let asked: Vec<(StepName, QuestionKind)> =
            self.state.questions().map(|(step, question)| (step.clone(), question.kind.clone())).collect();
        assert!(!asked.is_empty() || self.state.failures_left().next().is_some(), "nobody knows what to do");
        for (step, kind) in asked {
            let by = mara();
            let waived = Decision::Waived { reason: "it did not arrive".into() };
            self.record(match kind {
                QuestionKind::Approval { digest, .. } => Event::Approved { step, digest, by, proof: None },
                QuestionKind::Decision if !self.world.has_arrived(&step) => {
                    Event::Decided { step, decision: waived, by }
                }
                _ => Event::Decided { step, decision: Decision::Confirmed, by },
            })?;
        }
        self.record(resumed())
    }

    fn end(&self) -> RunEnd {
        assert_eq!(State::fold(&self.journal).facts.outputs, self.state.facts.outputs);
        let who = self.journal.iter().filter_map(|stamped| match &stamped.record {
            Event::Done { step, how, .. } => Some((step.clone(), *how)),
            _ => None,
        });
        RunEnd {
            who: who.collect(),
            outputs: self.state.facts.outputs.clone(),
            effects: self.world.effects(),
        }
    }
}

fn resumed() -> Event {
    Event::Resumed { operator: "mara@desk".into(), seat: None }
}

/// What a run comes to.
#[derive(Debug, PartialEq)]
struct RunEnd {
    outputs: Outputs,
    who: BTreeMap<StepName, Completion>,
    effects: BTreeMap<StepName, u32>,
}

fn undisturbed<'a>(plan: &'a Plan, scripts: &[StepScript], moves: bool, luck: u64) -> SimulatedRun<'a> {
    let names = plan.steps().map(|step| step.name.clone());
    let world = ScriptedWorld::new(names.zip(scripts.iter().cloned()).collect(), moves);
    let mut process = SimulatedRun::start(plan, world, luck);
    let Ok(()) = process.drive() else { panic!("killed by nobody") };
    process
}

/// A plan in which everything works but one step, of each visibility and the mail, whose acts and looks fail.
#[test]
fn en_01_every_failure_of_a_step_resumes_to_the_same_end_from_every_prefix() {
    let plan = small_plan();
    let kinds = [StepKind::Prove, StepKind::AcceptReport, StepKind::MergePatch, StepKind::ReleaseMail];
    for (kind, failure) in kinds.into_iter().flat_map(|kind| ActFailure::ALL.map(|failure| (kind, failure))) {
        for (failing_acts, failing_later_looks) in [(2, 1), (5, 5)] {
            let script = StepScript { failing_acts, failure, failing_later_looks, ..StepScript::default() };
            let of = |step: &Step| if step.kind == kind { script.clone() } else { StepScript::default() };
            let scripts: Vec<StepScript> = plan.steps().map(of).collect();
            every_prefix_ends_alike(&plan, &scripts, false, 7);
        }
    }
}

fn every_prefix_ends_alike(plan: &Plan, scripts: &[StepScript], moves: bool, luck: u64) {
    let calm = undisturbed(plan, scripts, moves, luck);
    let expected = calm.end();
    assert!(expected.effects.values().all(|times| *times <= 1), "done twice: {:?}", expected.effects);
    for events in 0..calm.journal.len() {
        let mut process = calm.resume(events, luck ^ events as u64);
        assert!(process.drive().is_ok());
        assert_eq!(process.end(), expected, "after {events} events of {scripts:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn en_01_every_prefix_of_a_journal_resumes_to_the_same_end(
        scripts in prop::collection::vec(step_script(), 32),
        moves: bool,
        luck: u64,
    ) {
        let plan = small_plan();
        assert!(plan.steps().count() <= 32);
        every_prefix_ends_alike(&plan, &scripts, moves, luck);
    }

    #[test]
    fn en_01_and_so_does_a_run_that_is_killed_again_and_again(
        scripts in prop::collection::vec(step_script(), 32),
        moves: bool,
        luck: u64,
        every in 6usize..20,
    ) {
        let plan = small_plan();
        let expected = undisturbed(&plan, &scripts, moves, luck).end();
        let names = plan.steps().map(|step| step.name.clone());
        let world = ScriptedWorld::new(names.zip(scripts.iter().cloned()).collect(), moves);
        let mut process = SimulatedRun::start(&plan, world, luck);
        process.survives = every;
        while process.drive().is_err() {
            let events = process.journal.len();
            // What was written last is the world's state before the event that was not written.
            process.history.push(Rc::new((process.world.clone(), process.in_flight.clone())));
            process = process.resume(events, luck ^ events as u64);
            process.survives = events + 1 + every;
        }
        prop_assert_eq!(process.end(), expected);
    }

    /// EN-03: however often it is killed, a step is tried as often as it would have been.
    #[test]
    fn en_03_attempts_are_counted_across_kills(
        scripts in prop::collection::vec(step_script(), 32),
        luck: u64,
        at in any::<prop::sample::Index>(),
    ) {
        let plan = small_plan();
        let calm = undisturbed(&plan, &scripts, false, luck);
        let events = at.index(calm.journal.len());
        let before = State::fold(&calm.journal[..events]);
        let resumed = calm.resume(events, luck).state;
        for step in plan.steps() {
            let (was, is) = (before.status(&step.name), resumed.status(&step.name));
            let held = matches!(was, StepStatus::Failed(failed) if failed.retry.is_none())
                || matches!(was, StepStatus::Asked(_));
            let kept = if held { 0 } else { before.failures(&step.name) };
            prop_assert_eq!(resumed.failures(&step.name), kept, "{} was {:?} and is {:?}", step.name, was, is);
            prop_assert_eq!(resumed.begun(&step.name), before.begun(&step.name));
        }
    }
}

#[test]
fn an_unknown_effect_is_only_of_steps_that_act_outside() {
    let plan = small_plan();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let scripts = prop::collection::vec(step_script(), 32);
    for luck in 0..16 {
        let scripts = scripts.new_tree(&mut runner).unwrap().current();
        let calm = undisturbed(&plan, &scripts, luck % 2 == 0, luck);
        for (before, stamped) in calm.journal.iter().enumerate().map(|(n, event)| (&calm.journal[..n], event))
        {
            if let Event::Failed { step, effect: Effect::Unknown, .. } = &stamped.record {
                let last = before.iter().rev().find_map(|stamped| match &stamped.record {
                    Event::Intent { step: acting } if acting == step => Some(true),
                    Event::Failed { step: failed, .. } | Event::Waiting { step: failed, .. }
                        if failed == step =>
                    {
                        Some(false)
                    }
                    _ => None,
                });
                assert_eq!(last, Some(true), "{step} had not begun to act");
            }
        }
    }
}
