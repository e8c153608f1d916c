//! A release that is disturbed, and then resumed in calm: how it ends.

use std::time::Duration;

use super::outcome::{Outcome, difference, outcome};
use super::search::Ending;
use super::stage::{Empty, Stage};
use crate::control::{Home, Opened};
use crate::rehearsal::{RehearsalError, Scenario};
use crate::run::StopReason;

/// As often as a run is resumed before what holds it is looked at.
const RESUMED: usize = 2;
/// What takes longer hangs: waits of the release take no time here.
const LONGEST: Duration = Duration::from_secs(240);

/// Rehearses what is on the stage, or continues it, in a scenario, and resumes it in calm until it ends.
pub(super) async fn driven(stage: &Stage, scenario: Scenario, calm: &Outcome) -> Ending {
    tokio::time::timeout(LONGEST, ending(stage, scenario, calm))
        .await
        .unwrap_or_else(|_| Ending::Wrong(format!("it hangs: {}", asked(stage))))
}

async fn ending(stage: &Stage, scenario: Scenario, calm: &Outcome) -> Ending {
    if is_finished(&stage.rehearse_in(Some(scenario), &Empty).await) {
        return compared(stage, calm, Ending::RodeOut);
    }
    let held = asked(stage);
    for _ in 0..RESUMED {
        match stage.rehearse_in(Some(Scenario::default()), &Empty).await {
            Ok(StopReason::Finished) => return compared(stage, calm, Ending::AfterResuming),
            Ok(_) => {}
            Err(error) => return Ending::Wrong(format!("{error}, after {held}")),
        }
    }
    if names_ways(stage) { Ending::Asked } else { Ending::Wrong(asked(stage)) }
}

/// A start that fails leaves no run, and is no ending either: the same command begins it again.
fn is_finished(ended: &Result<StopReason, RehearsalError>) -> bool {
    matches!(ended, Ok(StopReason::Finished))
}

fn compared(stage: &Stage, calm: &Outcome, good: Ending) -> Ending {
    let difference = difference(calm, &outcome(&stage.out()));
    if difference.is_empty() { good } else { Ending::Wrong(format!("another world\n{difference}")) }
}

fn opened(stage: &Stage) -> Option<Opened> {
    Home::rehearsal(&stage.out()).open().ok()
}

/// What a run that did not end asks, and what failed.
fn asked(stage: &Stage) -> String {
    let Some(opened) = opened(stage) else { return "no journal".to_owned() };
    let questions =
        opened.state.questions().map(|(step, question)| format!("{step} asks: {}", question.text));
    let failures =
        opened.state.failures_left().map(|(step, failed)| format!("{step} failed: {}", failed.message));
    questions.chain(failures).collect::<Vec<_>>().join("; ")
}

/// Whether everything that holds a run names a way to continue, and anything does.
fn names_ways(stage: &Stage) -> bool {
    let Some(opened) = opened(stage) else { return false };
    let questions = opened.state.questions().map(|(_, question)| !question.next.is_empty());
    let failures = opened.state.failures_left().map(|(_, failed)| !failed.hint.is_empty());
    let ways: Vec<bool> = questions.chain(failures).collect();
    !ways.is_empty() && ways.into_iter().all(|has_way| has_way)
}
