//! What happened in a run, in words, computed once for every shell.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::proof::signed;
use crate::failure::Effect;
use crate::ids::StepName;
use crate::next_action::Advice;
use crate::run::{Completion, Event, Retry, StampedEvent};
use crate::steps::Decision;
use crate::wording::counted;

/// Puts events into words, one after the other.
#[derive(Debug, Default)]
pub struct History {
    /// What each step waits for: looking again in vain is no news.
    waits: BTreeMap<StepName, String>,
}

/// One event in words.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// Its place in the journal.
    pub number: u64,
    /// When it happened, on the run's own clock.
    pub at: Timestamp,
    /// What happened.
    pub what: String,
    /// What can be done about it.
    pub hint: Vec<Advice>,
    /// How much it matters to whoever reads.
    pub weight: Weight,
}

/// How much an event matters to whoever reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It says once more what was said already.
    Repeated,
    /// Its outcome follows, and tells all of it.
    Preliminary,
    /// It is a step forward.
    Usual,
    /// Somebody decided, is asked to, or should look: it must not scroll away.
    Lasting,
}

impl History {
    /// The next event.
    pub fn entry(&mut self, stamped: &StampedEvent) -> HistoryEntry {
        let hint = match &stamped.record {
            Event::Failed { hint, .. } => hint.clone(),
            _ => Vec::new(),
        };
        let weight = if self.repeats(&stamped.record) { Weight::Repeated } else { weight(&stamped.record) };
        HistoryEntry { number: stamped.number, at: stamped.at, what: told(&stamped.record), hint, weight }
    }

    /// Whether the event only says once more that a step waits for the same.
    fn repeats(&mut self, event: &Event) -> bool {
        match event {
            Event::Waiting { step, wait } => {
                self.waits.insert(step.clone(), wait.what.clone()).as_ref() == Some(&wait.what)
            }
            Event::Done { step, .. } | Event::Failed { step, .. } | Event::Asked { step, .. } => {
                self.waits.remove(step);
                false
            }
            _ => false,
        }
    }
}

fn weight(event: &Event) -> Weight {
    match event {
        Event::Intent { .. } => Weight::Preliminary,
        Event::Started { .. }
        | Event::Resumed { .. }
        | Event::Done { .. }
        | Event::Waiting { .. }
        | Event::Rerun { .. }
        | Event::Finished => Weight::Usual,
        Event::Failed { .. }
        | Event::Asked { .. }
        | Event::Approved { .. }
        | Event::Decided { .. }
        | Event::Reopened { .. }
        | Event::Amended { .. }
        | Event::Inherited(_)
        | Event::TakenBack { .. }
        | Event::Withdrawn { .. }
        | Event::Aborted { .. } => Weight::Lasting,
    }
}

/// What happened, in words.
fn told(event: &Event) -> String {
    match event {
        Event::Started { operator, plan, version, .. } => {
            format!("started by {operator} from plan {} with lockgate {version}", plan.short())
        }
        Event::Resumed { operator, .. } => format!("resumed by {operator}"),
        Event::Intent { step } => format!("{step}: about to act"),
        Event::Done { step, how: Completion::Acted, output } => format!("{step}: {}", output.summary()),
        Event::Done { step, how: Completion::Adopted, output } => {
            format!("{step}: {} (found there)", output.summary())
        }
        Event::Failed { step, message, effect, retry: Some(Retry { attempt, of, at }), .. } => {
            format!("{step}: failed: {message}{}; attempt {attempt} of {of} at {at:.0}", uncertain(*effect))
        }
        Event::Failed { step, message, effect, .. } => {
            format!("{step}: FAILED: {message}{}", uncertain(*effect))
        }
        Event::Waiting { step, wait } => format!("{step}: waits for {} until {:.0}", wait.what, wait.until),
        Event::Asked { step, question } => {
            let first = question.text.lines().next().unwrap_or_default();
            format!("{step}: ASKS: {first}")
        }
        Event::Approved { step, digest, by, proof } => {
            format!("{step}: {by} approved digest {}{}", digest.short(), signed(proof.as_ref()))
        }
        Event::Decided { step, decision, by } => format!("{step}: {by} {}", decided(decision)),
        Event::Rerun { step } => format!("{step}: red checks are run again"),
        Event::Reopened { moved, steps } if moved.is_empty() => {
            let gates: Vec<&str> = steps.iter().map(StepName::as_str).collect();
            format!("what {} showed has changed since: its approval lapses", gates.join(" and "))
        }
        Event::Reopened { moved, steps } => {
            let branches: Vec<String> =
                moved.iter().map(|head| format!("{} {}", head.repo, head.branch)).collect();
            format!("{} moved: {} must be taken again", branches.join(", "), counted(steps.len(), "step"))
        }
        Event::Amended { by, plan, files, reason, changed, dropped, .. } => format!(
            "{}amended by {by} to plan {} ({} changed): {} changed, {} dropped",
            reason.iter().map(|why| format!("THE EMBARGO IS BROKEN: {why}; ")).collect::<String>(),
            plan.short(),
            files.join(" and "),
            counted(changed.len(), "step"),
            counted(dropped.len(), "step")
        ),
        Event::Inherited(left) if left.mails.is_empty() => {
            "started in the place of a run that was called off".to_owned()
        }
        Event::Inherited(left) => format!(
            "started in the place of a run that was called off and had sent {}",
            counted(left.mails.len(), "mail")
        ),
        Event::Withdrawn { step, by, .. } => format!("{step}: {by} took back what was answered"),
        Event::TakenBack { step, what, .. } => format!("{step}: taken back: {what}"),
        Event::Aborted { by, reason } => format!("called off by {by}: {reason}"),
        Event::Finished => "finished".to_owned(),
    }
}

fn uncertain(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "",
        Effect::Unknown => "; it may have happened all the same",
    }
}

fn decided(decision: &Decision) -> String {
    match decision {
        Decision::Confirmed => "confirmed it".to_owned(),
        Decision::SendAgain => "wants it sent again".to_owned(),
        Decision::Waived { reason } => format!("waived it: {reason}"),
        Decision::Resolved { commit, proposed } if proposed.is_empty() => {
            format!("resolved the conflict with {}", commit.short())
        }
        Decision::Resolved { commit, proposed } => format!(
            "resolved the conflict with {}, beginning from mergiraf's proposal for {}",
            commit.short(),
            proposed.join(", ")
        ),
    }
}
