//! What people can do about a step where it is.

use crate::next_action::{Advice, NextAction};
use crate::plan::{Plan, Step};
use crate::run::{State, StepStatus};
use crate::steps::{Question, Wait};

/// What people can do about a step, whatever they wanted to do; never nothing.
pub(super) fn instead(plan: &Plan, state: &State, step: &Step) -> Vec<Advice> {
    match state.status(&step.name) {
        StepStatus::Done => vec![Advice::then("to see what is next", NextAction::ShowStatus)],
        StepStatus::Asked(question) => answers(question),
        StepStatus::Waiting(wait) => while_waiting(wait),
        StepStatus::Failed(failed) => and_resume(&failed.hint, "to try again"),
        StepStatus::Begun => vec![Advice::then("to have it looked at", NextAction::Resume)],
        StepStatus::Open => {
            vec![Advice { text: on_the_way(plan, state, step), action: Some(NextAction::Continue) }]
        }
    }
}

fn answers(question: &Question) -> Vec<Advice> {
    if question.next.iter().any(|advice| advice.action.is_some()) {
        return question.next.clone();
    }
    and_resume(&[], "to have it asked again")
}

fn while_waiting(wait: &Wait) -> Vec<Advice> {
    let continued = Advice::then(format!("it looks again at {:.0}", wait.until), NextAction::Continue);
    let is_there = wait.instead.iter().any(|one| one.action == Some(NextAction::Resume));
    wait.instead.iter().cloned().chain((!is_there).then_some(continued)).collect()
}

/// Advice with a way to resume in it.
fn and_resume(advice: &[Advice], why: &str) -> Vec<Advice> {
    let resume = Advice::then(why, NextAction::Resume);
    let is_there = advice.iter().any(|one| one.action == Some(NextAction::Resume));
    advice.iter().cloned().chain((!is_there).then_some(resume)).collect()
}

/// What comes before a step that was not reached, if anything does.
fn on_the_way(plan: &Plan, state: &State, step: &Step) -> Option<String> {
    let open: Vec<&str> = plan
        .after(&step.name)
        .filter(|before| !state.is_done(&before.name))
        .map(|before| before.name.as_str())
        .collect();
    (!open.is_empty()).then(|| format!("it comes after {}", some(&open)))
}

/// A few of a list, and how many more there are.
fn some(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
