//! The forms in which public steps ask people, wait and are let pass.

use jiff::Timestamp;

use crate::steps::context::{Observed, Question, QuestionKind, StepContext, Wait};
use crate::steps::facts::Decision;

/// Looks again; what is asked is asked again if nothing changed.
pub(in crate::steps) const RESUME: &str = "lockgate resume";

/// People decide how to go on: what happened, to which target, what is safe; and the commands that answer.
pub(in crate::steps) fn decision(
    text: impl Into<String>,
    next: impl IntoIterator<Item = String>,
) -> Question {
    Question { kind: QuestionKind::Decision, text: text.into(), next: next.into_iter().collect() }
}

/// People put it right outside and take the run up again.
pub(in crate::steps) fn mend(text: impl Into<String>) -> Question {
    decision(text, [RESUME.to_owned()])
}

/// People put it right outside, or let the release go on as it is, by name and with a reason.
pub(in crate::steps) fn mend_or_waive(context: &StepContext, text: impl Into<String>) -> Question {
    decision(text, [RESUME.to_owned(), waive(context)])
}

/// The command that lets the release go on without what this step wants.
pub(in crate::steps) fn waive(context: &StepContext) -> String {
    format!("lockgate waive {} --as NAME --reason WHY", context.step.name)
}

/// The reason for which people let the release go on without what this step wants.
pub(in crate::steps) fn waived(context: &StepContext) -> Option<&str> {
    match context.facts.decisions.get(&context.step.name)? {
        Decision::Waived { reason } => Some(reason),
        Decision::Confirmed | Decision::Resolved { .. } => None,
    }
}

/// As [`StepContext::wait_for`]; when patience is at an end, people may also waive it.
pub(in crate::steps) fn wait_or_waive(context: &StepContext, what: impl Into<String>) -> Observed {
    match context.wait_for(what) {
        Observed::Ask(mut question) => {
            question.next.push(waive(context));
            Observed::Ask(question)
        }
        other => other,
    }
}

/// As [`StepContext::wait_for`], for looks that are part of a larger one: a wait, or a question once patience is at an end.
pub(in crate::steps) fn patiently(context: &StepContext, what: impl Into<String>) -> Result<Wait, Question> {
    let what = what.into();
    match context.wait_for(&what) {
        Observed::Wait(wait) => Ok(wait),
        Observed::Ask(question) => Err(question),
        Observed::Done(_) | Observed::Todo | Observed::Moved(_) => Ok(soon(context, what)),
    }
}

/// What was begun is under way: look again after the workflow's polling time.
pub(in crate::steps) fn soon(context: &StepContext, what: impl Into<String>) -> Wait {
    let now = context.world.clock.now();
    let until = now.checked_add(context.inputs().workflow.policy.poll).unwrap_or(Timestamp::MAX);
    Wait { until, what: what.into() }
}
