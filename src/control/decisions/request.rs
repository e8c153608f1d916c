//! What somebody wants to decide, as a value: decided on the spot, or left in the inbox of a run that is under way.

use serde::{Deserialize, Serialize};

use super::approve::NewApproval;
use super::judgement::{Accepted, Decisions};
use super::refusal::Refusal;
use crate::ids::{CommitId, GhsaId, Login, StepName};
use crate::run::{Event, Proof};
use crate::steps::ConflictStart;

/// What somebody wants to decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "decision")]
pub enum DecisionRequest {
    /// What a gate shows may go ahead.
    Approve {
        /// The gate's name, or its step's.
        gate: String,
        /// Who says so.
        who: Login,
        /// The beginning of the digest of what they read.
        read: String,
        /// How it is known that it is them.
        proof: Option<Proof>,
    },
    /// What a step states is so.
    Confirm {
        /// The step, its kind, or its name in the workflow.
        what: String,
        /// The advisory, where it is asked about each.
        advisory: Option<GhsaId>,
        /// Who says so.
        who: Login,
    },
    /// What a step sent has not arrived, and is sent once more.
    SendAgain {
        /// The step, its kind, or its name in the workflow.
        what: String,
        /// Who says so.
        who: Login,
    },
    /// The release continues without what a step wants.
    Waive {
        /// The step.
        step: StepName,
        /// Who says so.
        who: Login,
        /// Why.
        reason: String,
    },
    /// A step's conflict is resolved.
    Resolve {
        /// The step.
        step: StepName,
        /// What conflicted.
        begin: ConflictStart,
        /// Who resolved it.
        who: Login,
        /// By this commit of the run's store.
        commit: CommitId,
        /// The files in which they began from what a merge tool proposed.
        proposed: Vec<String>,
    },
    /// An answer is taken back.
    Withdraw {
        /// The step that was answered, or a gate.
        step: StepName,
        /// Who says so.
        who: Login,
    },
    /// The release is called off.
    Abort {
        /// Who says so.
        who: Login,
        /// Why.
        reason: String,
    },
}

/// A decision that is accepted: what is recorded, and what to tell whoever took it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ruling {
    /// What is recorded.
    pub event: Event,
    /// Who decided, as the release spells them.
    pub by: Login,
    /// The step that it is about, if it is about one.
    pub step: Option<StepName>,
    /// What follows from it, as a statement; empty where it needs no words.
    pub means: String,
    /// What the step asked, if it did.
    pub asked: Option<String>,
    /// How many approvals of other people are still needed.
    pub still_missing: usize,
}

impl DecisionRequest {
    /// In whose name it is.
    #[must_use]
    pub fn who(&self) -> &Login {
        match self {
            DecisionRequest::Approve { who, .. }
            | DecisionRequest::Confirm { who, .. }
            | DecisionRequest::SendAgain { who, .. }
            | DecisionRequest::Waive { who, .. }
            | DecisionRequest::Resolve { who, .. }
            | DecisionRequest::Withdraw { who, .. }
            | DecisionRequest::Abort { who, .. } => who,
        }
    }
}

impl Decisions<'_> {
    /// Takes the decision, or says why not. It is not recorded yet.
    ///
    /// # Errors
    /// When it would have no effect, or not the one that was meant.
    pub fn decide(&self, request: &DecisionRequest) -> Result<Ruling, Refusal> {
        match request {
            DecisionRequest::Approve { gate, who, read, proof } => {
                self.ruled_approval(gate, who, read, proof.clone())
            }
            DecisionRequest::Confirm { what, advisory, who } => {
                self.confirm(what, advisory.as_ref(), who).map(Ruling::from)
            }
            DecisionRequest::SendAgain { what, who } => self.send_again(what, who).map(Ruling::from),
            DecisionRequest::Waive { step, who, reason } => self.waive(step, who, reason).map(Ruling::from),
            DecisionRequest::Resolve { step, begin, who, commit, proposed } => {
                let conflict = self.open_conflict(step)?;
                if conflict.begin != *begin {
                    return Err(Refusal::ConflictChanged { step: step.clone() });
                }
                self.resolve(&conflict, who, commit.clone(), proposed.clone()).map(Ruling::from)
            }
            DecisionRequest::Withdraw { step, who } => self.withdraw(step, who),
            DecisionRequest::Abort { who, reason } => self.ruled_abort(who, reason),
        }
    }

    fn ruled_approval(
        &self,
        gate: &str,
        who: &Login,
        read: &str,
        proof: Option<Proof>,
    ) -> Result<Ruling, Refusal> {
        let open = self.open_gate(gate)?;
        let NewApproval { event, by, still_missing } = self.approve(&open, who, Some(read), proof)?;
        let (step, means, asked) = (Some(open.step.name), String::new(), Some(open.question));
        Ok(Ruling { event, by, step, means, asked, still_missing })
    }

    fn ruled_abort(&self, who: &Login, reason: &str) -> Result<Ruling, Refusal> {
        let event = self.abort(who, reason)?;
        let by = who.clone();
        Ok(Ruling { event, by, step: None, means: String::new(), asked: None, still_missing: 0 })
    }
}

impl From<Accepted> for Ruling {
    fn from(accepted: Accepted) -> Ruling {
        let Accepted { event, step, by, means, asked } = accepted;
        Ruling { event, by, step: Some(step), means: means.to_owned(), asked, still_missing: 0 }
    }
}
