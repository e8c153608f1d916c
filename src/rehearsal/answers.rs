//! The answers that a rehearsal gives in the place of people.

use super::error::RehearsalError;
use crate::control::{Home, Opened, Refusal};
use crate::ids::{Digest, Login, StepName};
use crate::run::Event;
use crate::steps::{Approvals, QuestionKind};

/// One answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// A gate was approved.
    Approved {
        /// The gate.
        gate: StepName,
        /// What it showed.
        digest: Digest,
        /// In whose name.
        by: Login,
    },
    /// What a step wanted confirmed was confirmed.
    Confirmed {
        /// The step.
        step: StepName,
        /// In whose name.
        by: Login,
    },
}

/// Answers the gates and confirmations that are open, as the release's own people. Conflicts and decisions are left to
/// people: a rehearsal that made them up would prove nothing. Nothing is given when nothing can be answered.
pub(super) fn answer(home: &Home) -> Result<Vec<Answered>, RehearsalError> {
    let mut opened = home.open()?;
    let answers: Vec<Answered> = opened
        .state
        .questions()
        .flat_map(|(step, question)| answers_to(&opened, step, &question.kind))
        .collect();
    for answer in &answers {
        let event = event(&opened, answer)?;
        opened.record(event)?;
    }
    Ok(answers)
}

fn answers_to(opened: &Opened, step: &StepName, question: &QuestionKind) -> Vec<Answered> {
    match question {
        QuestionKind::Approval { digest, .. } => {
            let approved = |by| Answered::Approved { gate: step.clone(), digest: digest.clone(), by };
            approvers(opened, step, digest).into_iter().map(approved).collect()
        }
        QuestionKind::Confirmation => {
            let by = opened.plan.inputs.release.manager.clone();
            vec![Answered::Confirmed { step: step.clone(), by }]
        }
        QuestionKind::Conflict { .. } | QuestionKind::Decision | QuestionKind::Tree { .. } => Vec::new(),
    }
}

/// As many approvers as are wanted, of those who have not approved this digest, each once.
fn approvers(opened: &Opened, gate: &StepName, digest: &Digest) -> Vec<Login> {
    let Some(gate) = opened.plan.step(gate) else { return Vec::new() };
    let approvals = Approvals::of(&opened.plan.inputs, &opened.state.facts, gate, digest);
    let mut people: Vec<Login> = Vec::new();
    for wanted in approvals.wanting {
        let already = wanted.from.iter().filter(|login| people.contains(login)).count();
        let more = wanted.from.into_iter().filter(|login| !people.contains(login));
        let more: Vec<Login> = more.take(wanted.missing.saturating_sub(already)).collect();
        people.extend(more);
    }
    people
}

/// Decided as people decide it: what would be refused to them is refused here.
fn event(opened: &Opened, answer: &Answered) -> Result<Event, Refusal> {
    let decisions = opened.decisions();
    Ok(match answer {
        Answered::Approved { gate, digest, by } => {
            let gate = decisions.open_gate(gate.as_str())?;
            decisions.approve(&gate, by, Some(digest.as_str()), None)?.event
        }
        Answered::Confirmed { step, by } => decisions.confirm(step.as_str(), None, by)?.event,
    })
}
