//! EN-01: killed before an intent, after it, after the effect, after the outcome, of one step of each kind, and resumed, also
//! with a fault on the first call after: the world is the one of a run that was never disturbed, and what cannot be taken
//! back was done once.
//!
//! A crash leaves what is on disk. So a moment is a picture of the folder: the journal up to an event, with the world as it
//! was with that event or, for an effect whose outcome was not written, as it was with the next one. A few moments in every
//! run of the tests; all of them, of larger releases too, with `LOCKGATE_SEARCH=long`.

use std::collections::{BTreeMap, BTreeSet};

use super::ending::driven;
use super::outcome::outcome;
use super::search::{Tally, is_long, sampled};
use super::stage::{Stage, scenario};
use crate::control::Home;
use crate::ids::StepName;
use crate::kinds::StepKind;
use crate::run::{Completion, Event, StampedEvent};

/// How many moments are tried in every run of the tests.
const SAMPLE: usize = 8;

/// What goes wrong with the first call after a crash, beside nothing.
const FIRST_CALLS: [&str; 6] = [
    "path = ''\nstatus = 500",
    "path = ''\nanswer = 'cut'\neffect = 'after'",
    "path = ''\nanswer = 'malformed'",
    "path = ''\nstatus = 401",
    "wire = 'git'\npath = ''\nanswer = 'cut'",
    "wire = 'git'\nmethod = 'POST'\npath = 'receive-pack$'\nanswer = 'cut'\neffect = 'after'",
];

/// A moment at which the process is gone.
#[derive(Debug, Clone)]
struct Moment {
    kind: StepKind,
    step: StepName,
    when: &'static str,
    /// How many events the journal has.
    events: u64,
    /// The event whose picture shows the world.
    picture: u64,
}

impl Moment {
    fn of(kind: StepKind, step: &StepName, intent: u64, done: u64) -> [Moment; 4] {
        let points = [
            ("before the intent", intent - 1, intent),
            ("after the intent", intent, intent),
            ("after the effect", done - 1, done),
            ("after the outcome", done, done),
        ];
        points.map(|(when, events, picture)| Moment { kind, step: step.clone(), when, events, picture })
    }
}

/// The moments of the first step of each kind that acted.
fn moments(stage: &Stage, events: &[StampedEvent]) -> Vec<Moment> {
    let plan = Home::rehearsal(&stage.out()).open().unwrap().plan;
    let (mut intents, mut kinds) = (BTreeMap::new(), BTreeSet::new());
    let mut moments = Vec::new();
    for event in events {
        match &event.record {
            Event::Intent { step } => drop(intents.insert(step, event.number)),
            Event::Done { step, how: Completion::Acted, .. } => {
                let (Some(intent), Some(found)) = (intents.get(step), plan.step(step)) else { continue };
                if kinds.insert(found.kind) {
                    moments.extend(Moment::of(found.kind, step, *intent, event.number));
                }
            }
            _ => {}
        }
    }
    moments
}

/// Tries a release at its moments, each with nothing and with each of these faults on the first call after.
async fn tried(stage: Stage, search: &'static str, faults: &[&[&str]], sample: usize) {
    let events = stage.photographed().await;
    let calm = outcome(&stage.out());
    let all = moments(&stage, &events);
    assert!(all.len() > 40, "{search}: only {} moments", all.len());
    let cases = all.iter().flat_map(|moment| faults.iter().map(move |fault| (moment, fault)));
    let chosen = sampled(cases.collect(), sample);
    let mut tally = Tally::new(search, chosen.len());
    for (moment, faults) in chosen {
        stage.put_back(moment.picture, moment.events);
        let case = format!("{} ({:?}), {}, then {faults:?}", moment.step, moment.kind, moment.when);
        tally.count(&case, driven(&stage, scenario(faults), &calm).await);
    }
    tally.judge();
}

#[tokio::test(flavor = "multi_thread")]
async fn en_01_killed_at_every_point_of_every_kind_of_step_it_ends_in_the_same_world() {
    crate::tls::install_tls();
    let nothing: [&[&str]; 1] = [&[]];
    tried(Stage::small().one_by_one(), "crashes", &nothing, SAMPLE).await;
    if is_long() {
        for fixture in ["demo", "npm-workspace", "go-modules", "python-towncrier"] {
            tried(Stage::of(fixture).one_by_one(), fixture, &nothing, SAMPLE).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn en_01_killed_at_every_point_with_a_fault_on_the_first_call_after_it_ends_in_the_same_world() {
    crate::tls::install_tls();
    let faults = FIRST_CALLS.each_ref().map(std::slice::from_ref);
    tried(Stage::small().one_by_one(), "crashes-faults", &faults, SAMPLE).await;
}
