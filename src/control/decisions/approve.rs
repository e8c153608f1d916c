//! `approve`: what a gate shows may go ahead.

use super::judgement::Decisions;
use super::refusal::Refusal;
use crate::control::authority::approver;
use crate::ids::{Digest, Login};
use crate::kinds::{DecisionKind, StepKind};
use crate::plan::Step;
use crate::run::{Event, Proof, StepStatus};
use crate::steps::{Approvals, Question, QuestionKind, gate_mails, gate_shown, gate_summary};

/// As short as a digest may be given.
const SHORTEST_DIGEST: usize = 6;

/// A gate that can be approved.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenGate {
    /// Its step.
    pub step: Step,
    /// What it shows, in full.
    pub shown: String,
    /// The same on one screen.
    pub summary: String,
    /// The mails that it lets out before the hour, whole.
    pub mails: String,
    /// What it asks.
    pub question: String,
    /// The digest of what it shows.
    pub digest: Digest,
    /// How many approvals it still needs.
    pub missing: usize,
}

/// An approval that is to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewApproval {
    /// What is recorded.
    pub event: Event,
    /// Who approved, as the release spells them.
    pub by: Login,
    /// How many approvals of other people the gate still needs.
    pub still_missing: usize,
}

impl Decisions<'_> {
    /// The gate of this name, open for approval. One that does not ask yet cannot be approved (EN-10).
    ///
    /// # Errors
    /// When there is none, or it is not open for approval.
    pub fn open_gate(&self, gate: &str) -> Result<OpenGate, Refusal> {
        let step = self.gate(gate)?;
        self.judge(step, DecisionKind::Approve)?;
        let StepStatus::Asked(Question { kind: QuestionKind::Approval { digest, missing }, text, .. }) =
            self.state.status(&step.name)
        else {
            return Err(Refusal::ShownChanged { gate: step.name.clone() });
        };
        let shown = gate_shown(self.plan, &self.state.facts, step.asks.as_deref().unwrap_or_default());
        // An approval of what is no longer shown would lapse at once.
        if Digest::of(&shown) != *digest {
            return Err(Refusal::ShownChanged { gate: step.name.clone() });
        }
        let summary = gate_summary(self.plan, &self.state.facts, step);
        let mails = gate_mails(self.plan, &self.state.facts, step);
        let (step, question, digest) = (step.clone(), text.clone(), digest.clone());
        Ok(OpenGate { step, shown, summary, mails, question, digest, missing: *missing })
    }

    /// Approves what an open gate shows. `read` is the beginning of the digest of what was read, if it is stated, and `proof`
    /// how it is known that it is them.
    ///
    /// # Errors
    /// When the person may not approve, has done so, or has read something else.
    pub fn approve(
        &self,
        gate: &OpenGate,
        who: &Login,
        read: Option<&str>,
        proof: Option<Proof>,
    ) -> Result<NewApproval, Refusal> {
        let OpenGate { step, digest, .. } = gate;
        let name = step.asks.as_deref().unwrap_or_default();
        let by = approver(&self.plan.inputs, name, who)?;
        if let Some(read) =
            read.filter(|read| read.len() < SHORTEST_DIGEST || !digest.as_str().starts_with(read))
        {
            return Err(Refusal::OtherDigest { read: read.to_owned(), shown: digest.clone() });
        }
        let rules = self.plan.inputs.approval_rules(name);
        let mut all = self.state.facts.approvals.get(&step.name).cloned().unwrap_or_default();
        if Approvals::by(&rules, &all, digest).given.contains(&by) {
            return Err(Refusal::ApprovedAlready { by });
        }
        all.push((by.clone(), digest.clone()));
        let still_missing = Approvals::by(&rules, &all, digest).missing();
        let (step, digest) = (step.name.clone(), digest.clone());
        let event = Event::Approved { step, digest, by: by.clone(), proof };
        Ok(NewApproval { event, by, still_missing })
    }

    fn gate(&self, gate: &str) -> Result<&Step, Refusal> {
        let gates = || self.plan.of_kind(StepKind::Gate);
        let is_called = |step: &Step, gate: &str| {
            let names = [step.asks.as_deref(), Some(step.name.as_str())];
            names.into_iter().flatten().any(|name| name.eq_ignore_ascii_case(gate))
        };
        let mut found = gates().filter(|step| is_called(step, gate));
        found.next().ok_or_else(|| Refusal::UnknownGate {
            gate: gate.to_owned(),
            known: gates().filter_map(|step| step.asks.clone()).collect(),
        })
    }
}
