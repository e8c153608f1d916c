//! The forms in which public steps ask people, wait and are let pass.

use jiff::Timestamp;

use super::facts::Decision;
use super::site::{Question, QuestionKind, Seen, Site, Wait};

/// Looks again; what is asked is asked again if nothing changed.
pub(super) const RESUME: &str = "lockgate resume";

/// People decide how to go on: what happened, to which target, what is safe; and the commands that answer.
pub(super) fn decision(text: impl Into<String>, next: impl IntoIterator<Item = String>) -> Question {
    Question { kind: QuestionKind::Decision, text: text.into(), next: next.into_iter().collect() }
}

/// People put it right outside and take the run up again.
pub(super) fn mend(text: impl Into<String>) -> Question {
    decision(text, [RESUME.to_owned()])
}

/// People put it right outside, or let the release go on as it is, by name and with a reason.
pub(super) fn mend_or_waive(site: &Site, text: impl Into<String>) -> Question {
    decision(text, [RESUME.to_owned(), waive(site)])
}

/// The command that lets the release go on without what this step wants.
pub(super) fn waive(site: &Site) -> String {
    format!("lockgate waive {} --as NAME --reason WHY", site.step.name)
}

/// The reason for which people let the release go on without what this step wants.
pub(super) fn waived(site: &Site) -> Option<&str> {
    match site.facts.decisions.get(&site.step.name)? {
        Decision::Waived { reason } => Some(reason),
        Decision::Confirmed | Decision::Resolved { .. } => None,
    }
}

/// As [`Site::wait_for`]; when patience is at an end, people may also waive it.
pub(super) fn wait_or_waive(site: &Site, what: impl Into<String>) -> Seen {
    match site.wait_for(what) {
        Seen::Ask(mut question) => {
            question.next.push(waive(site));
            Seen::Ask(question)
        }
        other => other,
    }
}

/// As [`Site::wait_for`], for looks that are part of a larger one: a wait, or a question once patience is at an end.
pub(super) fn patiently(site: &Site, what: impl Into<String>) -> Result<Wait, Question> {
    let what = what.into();
    match site.wait_for(&what) {
        Seen::Wait(wait) => Ok(wait),
        Seen::Ask(question) => Err(question),
        Seen::Done(_) | Seen::Todo | Seen::Moved(_) => Ok(soon(site, what)),
    }
}

/// What was begun is under way: look again after the workflow's polling time.
pub(super) fn soon(site: &Site, what: impl Into<String>) -> Wait {
    let now = site.world.clock.now();
    let until = now.checked_add(site.inputs().workflow.policy.poll).unwrap_or(Timestamp::MAX);
    Wait { until, what: what.into() }
}
