//! EN-01: killed before an intent, after it, after the effect, after the outcome, of one step of each kind, and resumed:
//! the world is the one of a run that was never disturbed, and what cannot be taken back was done once.
//!
//! A crash leaves what is on disk. So a moment is a copy of the folder: the journal up to an event, with the world as it was
//! then, or, for an effect whose outcome was not written, as it was with the next event. A few moments in every run of
//! the tests; all of them with `LOCKGATE_CRASHES=all`, every step and not one of each kind with `LOCKGATE_CRASHES=steps`.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::{difference, outcome};
use super::stage::{Empty, Stage};
use crate::control::Home;
use crate::ids::StepName;
use crate::kinds::StepKind;
use crate::run::{Completion, Event, StampedEvent, StopReason};

/// How many moments are tried in every run of the tests.
const SAMPLE: usize = 5;

/// A moment at which the process is gone.
#[derive(Debug, Clone)]
struct Moment {
    kind: StepKind,
    step: StepName,
    when: &'static str,
    /// How many events the journal has.
    events: u64,
    /// The event after which the world was as it is.
    world: u64,
}

/// The moments of every step that acted.
fn moments(stage: &Stage, events: &[StampedEvent], every_step: bool) -> Vec<Moment> {
    let plan = Home::rehearsal(&stage.out()).open().unwrap().plan;
    let (mut intents, mut moments, mut kinds): (BTreeMap<&StepName, u64>, _, _) =
        (BTreeMap::new(), Vec::new(), BTreeSet::new());
    for event in events {
        match &event.record {
            Event::Intent { step } => drop(intents.insert(step, event.number)),
            Event::Done { step, how: Completion::Acted, .. } => {
                let (Some(intent), Some(found)) = (intents.get(step), plan.step(step)) else { continue };
                if !kinds.insert(found.kind) && !every_step {
                    continue;
                }
                let (intent, done) = (*intent, event.number);
                let points = [
                    ("before the intent", intent - 1, intent - 1),
                    ("after the intent", intent, intent),
                    ("after the effect", done - 1, done),
                    ("after the outcome", done, done),
                ];
                moments.extend(points.map(|(when, events, world)| Moment {
                    kind: found.kind,
                    step: step.clone(),
                    when,
                    events,
                    world,
                }));
            }
            _ => {}
        }
    }
    moments
}

/// Whether both runs did the same in the same order: then a number means the same moment in both.
fn same_order(one: &[StampedEvent], other: &[StampedEvent]) -> bool {
    let told = |events: &[StampedEvent]| -> Vec<String> {
        let intents = events.iter().filter_map(|event| match &event.record {
            Event::Intent { step } | Event::Done { step, .. } => Some(format!("{} {step}", event.number)),
            _ => None,
        });
        intents.collect()
    };
    told(one) == told(other)
}

/// Tries a release at its moments; gives how many there were and what was not as it had to be.
async fn tried(fixture: &str, wanted: Option<&str>) -> (usize, Vec<String>) {
    let stage = Stage::of(fixture);
    let events = stage.events().await;
    let calm = outcome(&stage.out());
    let all = moments(&stage, &events, wanted == Some("steps"));
    assert!(all.len() > 40, "{fixture}: only {} moments", all.len());
    let every = if wanted.is_some() { 1 } else { (all.len() / SAMPLE).max(1) };
    let mut wrong = Vec::new();
    let mut chosen: Vec<&Moment> = all.iter().skip(every / 2).step_by(every).collect();
    let pictures = chosen.iter().flat_map(|moment| [moment.events, moment.world]).collect();
    let again = stage.photograph(pictures).await;
    assert!(same_order(&events, &again), "{fixture}: two undisturbed runs differ");
    // What people do is written between two drives, and leaves no picture.
    chosen.retain(|moment| stage.has_shot(moment.events) && stage.has_shot(moment.world));
    for moment in &chosen {
        stage.put_back(moment.events, moment.world);
        let told = format!("{fixture}, {} ({:?}), {}", moment.step, moment.kind, moment.when);
        match stage.rehearse(&Empty).await {
            Ok(StopReason::Finished) => {
                let difference = difference(&calm, &outcome(&stage.out()));
                if !difference.is_empty() {
                    wrong.push(format!("{told}: another world\n{difference}"));
                }
            }
            other => wrong.push(format!("{told}: {other:?}, {}", asked(&stage))),
        }
    }
    (chosen.len(), wrong)
}

/// What a run that did not end asks, and what failed.
pub(super) fn asked(stage: &Stage) -> String {
    let Ok(opened) = Home::rehearsal(&stage.out()).open() else { return "no journal".to_owned() };
    let questions =
        opened.state.questions().map(|(step, question)| format!("{step} asks: {}", question.text));
    let failures =
        opened.state.failures_left().map(|(step, failed)| format!("{step} failed: {}", failed.message));
    questions.chain(failures).collect::<Vec<_>>().join("; ")
}

/// Whether everything that holds a run names a way to continue.
pub(super) fn names_ways(stage: &Stage) -> bool {
    let Ok(opened) = Home::rehearsal(&stage.out()).open() else { return false };
    let mut held = 0;
    let questions = opened.state.questions().all(|(_, question)| {
        held += 1;
        !question.next.is_empty()
    });
    let failures = opened.state.failures_left().all(|(_, failed)| {
        held += 1;
        !failed.hint.is_empty()
    });
    held > 0 && questions && failures
}

#[tokio::test(flavor = "multi_thread")]
async fn en_01_killed_at_every_point_of_every_kind_of_step_it_ends_in_the_same_world() {
    crate::tls::install_tls();
    let wanted = std::env::var("LOCKGATE_CRASHES").ok();
    let fixtures: &[&str] = match &wanted {
        None => &["demo"],
        Some(_) => &["demo", "npm-workspace", "go-modules", "python-towncrier"],
    };
    let mut wrong = Vec::new();
    for fixture in fixtures {
        let (moments, found) = tried(fixture, wanted.as_deref()).await;
        tracing::info!(fixture, moments, wrong = found.len(), "killed and resumed");
        if wanted.is_some() {
            std::fs::write(
                std::env::temp_dir().join(format!("lockgate-crashes-{fixture}")),
                format!("{moments} moments, {} wrong\n{}", found.len(), found.join("\n")),
            )
            .unwrap();
        }
        wrong.extend(found);
    }
    assert!(wrong.is_empty(), "{} went wrong:\n{}", wrong.len(), wrong.join("\n"));
}
