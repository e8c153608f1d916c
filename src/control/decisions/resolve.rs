//! `resolve`: how a conflict is settled.

use super::judgement::{Accepted, Decisions};
use super::refusal::{Hindrance, Refusal};
use crate::ids::{CommitId, Login, StepName};
use crate::kinds::DecisionKind;
use crate::plan::Step;
use crate::run::StepStatus;
use crate::steps::{ConflictStart, Decision, Question, QuestionKind};

/// A conflict that a step asks about.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenConflict {
    /// The step.
    pub step: Step,
    /// The files that conflict.
    pub paths: Vec<String>,
    /// What is picked onto what to come to it.
    pub begin: ConflictStart,
}

impl Decisions<'_> {
    /// The conflict that a step asks about.
    ///
    /// # Errors
    /// When it asks about none.
    pub fn open_conflict(&self, step: &StepName) -> Result<OpenConflict, Refusal> {
        let step = self.step(step)?;
        self.judge(step, DecisionKind::Resolve)?;
        match self.state.status(&step.name) {
            StepStatus::Asked(Question {
                kind: QuestionKind::Conflict { paths, begin: Some(begin) },
                ..
            }) => Ok(OpenConflict { step: step.clone(), paths: paths.clone(), begin: begin.clone() }),
            _ => Err(Refusal::Step {
                step: step.name.clone(),
                decision: DecisionKind::Resolve,
                why: Hindrance::OtherQuestion,
                instead: super::instead::instead(self.plan, self.state, step),
            }),
        }
    }

    /// Settles a conflict by a commit that is in the run's store. `proposed` are the files in which the person began
    /// from what a merge tool proposed.
    ///
    /// # Errors
    /// When the step does not ask about a conflict.
    pub fn resolve(
        &self,
        conflict: &OpenConflict,
        who: &Login,
        commit: CommitId,
        proposed: Vec<String>,
    ) -> Result<Accepted, Refusal> {
        self.accept(&conflict.step, DecisionKind::Resolve, Decision::Resolved { commit, proposed }, who)
    }
}
