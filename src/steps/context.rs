//! Where a step is taken: everything it may look at, and what it answers.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

use super::error::StepError;
use super::facts::Facts;
use super::output::Output;
use super::sight::Sight;
use crate::catalog::Repo;
use crate::folder::Folder;
use crate::ids::{BranchName, CommitId, Digest, GhsaId, RepoName, StepName, TreeId};
use crate::kinds::Visibility;
use crate::next_action::{Advice, NextAction};
use crate::plan::{Inputs, Plan, Step, Subject, Target};
use crate::release::Advisory;
use crate::world::World;

/// How long what was written may be missing from what GitHub shows; usually it is seconds.
const LAG: SignedDuration = SignedDuration::from_mins(3);

/// Everything that one step may look at. Cheap to clone.
#[derive(Clone)]
pub struct StepContext {
    /// The plan of the run.
    pub plan: Arc<Plan>,
    /// The step.
    pub step: Step,
    /// What is known so far.
    pub facts: Arc<Facts>,
    /// The outside services.
    pub world: Arc<World>,
    /// Where the run keeps its files.
    pub folder: Folder,
    /// Whether an earlier attempt was begun and its outcome is not known.
    pub begun: Begun,
    /// Where it tells how far it has come.
    pub progress: StepProgress,
    /// What the look before the act saw.
    pub sight: Sight,
}

/// Where steps tell how far they have come. Nobody need listen, and telling holds nobody up.
#[derive(Clone, Default)]
pub struct StepProgress(Option<UnboundedSender<(StepName, String)>>);

impl StepProgress {
    /// To somebody who listens.
    #[must_use]
    pub fn to(listener: UnboundedSender<(StepName, String)>) -> StepProgress {
        StepProgress(Some(listener))
    }

    /// Tells it of a step.
    pub(super) fn tell(&self, step: &StepName, text: String) {
        if let Some(listener) = &self.0 {
            // Whoever left does not want to hear it.
            let _ = listener.send((step.clone(), text));
        }
    }
}

/// Whether an earlier attempt of the step was begun and never finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// No attempt is open.
    No,
    /// An intent is on disk without an outcome: the effect may be there or not.
    Yes,
}

/// What a step finds when it looks before it acts.
#[derive(Debug, Clone, PartialEq)]
pub enum Observed {
    /// The world already shows the effect, whoever caused it.
    Done(Output),
    /// The effect is not there.
    Todo,
    /// It is too early to say or to act.
    Wait(Wait),
    /// Only people can say how to go on.
    Ask(Question),
    /// Branches moved under the plan: these targets must be carried and proven again.
    Moved(Vec<MovedHead>),
    /// What these gates showed when they were passed is another now: they ask again.
    Lapsed(Vec<StepName>),
}

/// What came of acting.
#[derive(Debug, Clone, PartialEq)]
pub enum Applied {
    /// It is done.
    Done(Output),
    /// It is under way; look again.
    Wait(Wait),
    /// Red checks were run again, which is counted; look again.
    Rerun(Wait),
    /// Only people can say how to go on.
    Ask(Question),
}

/// Something is awaited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// When to look again.
    pub until: Timestamp,
    /// What for.
    pub what: String,
    /// What people may do instead of waiting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<Advice>,
    /// An earlier look, at something that may change while it waits. It does not end the wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meanwhile: Option<Timestamp>,
    /// The step that must be done first: the clock alone does not end the wait then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<StepName>,
}

impl Wait {
    /// A wait that people can do nothing about.
    pub fn new(until: Timestamp, what: impl Into<String>) -> Wait {
        Wait { until, what: what.into(), instead: Vec::new(), meanwhile: None, behind: None }
    }
}

/// A branch whose head is not where the plan saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedHead {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// Where its head is now.
    pub to: CommitId,
}

/// What people are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What kind of answer is wanted.
    pub kind: QuestionKind,
    /// What happened, what is safe.
    pub text: String,
    /// What people can do about it.
    pub next: Vec<Advice>,
}

/// What kind of answer is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum QuestionKind {
    /// An approval of what has this digest.
    Approval {
        /// The digest of what is shown.
        digest: Digest,
        /// How many more people are wanted.
        missing: usize,
    },
    /// A confirmation.
    Confirmation,
    /// A resolution of conflicting files.
    Conflict {
        /// The paths.
        paths: Vec<String>,
        /// What a work tree for it begins from; `None` where the conflict is not resolved in one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        begin: Option<ConflictStart>,
    },
    /// A decision how to continue.
    Decision,
    /// A decision about what is in this tree. It counts for no other: a head that moves makes another tree.
    Tree {
        /// The tree.
        tree: TreeId,
    },
}

/// Where people begin to resolve a conflict: these commits are picked onto that one, or one is merged into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictStart {
    /// What is picked onto, or merged into.
    pub onto: CommitId,
    /// What comes to it.
    #[serde(flatten)]
    pub brings: Incoming,
}

/// What comes to a branch where it conflicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Incoming {
    /// These are picked, oldest first.
    Pick(Vec<CommitId>),
    /// This is merged. Boxed, or every question would be larger for it.
    Merge(Box<CommitId>),
}

impl StepContext {
    /// What the user wrote.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.plan.inputs
    }

    /// The subject of the step.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.step.subject
    }

    /// The advisory of the step.
    ///
    /// # Errors
    /// When the step concerns none.
    pub fn advisory(&self) -> Result<&Advisory, StepError> {
        let id = self.advisory_id()?;
        self.inputs().release.advisory(id).ok_or_else(|| self.without("advisory"))
    }

    /// The id of the advisory of the step.
    ///
    /// # Errors
    /// When the step concerns none.
    pub fn advisory_id(&self) -> Result<&GhsaId, StepError> {
        self.step.subject.advisory.as_ref().ok_or_else(|| self.without("advisory"))
    }

    /// The catalog's facts of the step's repository.
    ///
    /// # Errors
    /// When the step concerns none.
    pub fn repo(&self) -> Result<&Repo, StepError> {
        let name = self.step.subject.repo.as_ref().ok_or_else(|| self.without("repository"))?;
        self.inputs().catalog.repo(name).ok_or_else(|| self.without("repository"))
    }

    /// The target of the step.
    ///
    /// # Errors
    /// When the step concerns none.
    pub fn target(&self) -> Result<&Target, StepError> {
        let subject = &self.step.subject;
        match (&subject.repo, &subject.branch) {
            (Some(repo), Some(branch)) => {
                self.plan.target(repo, branch).ok_or_else(|| self.without("target"))
            }
            _ => Err(self.without("target")),
        }
    }

    /// The subject of this step's target alone, without an advisory.
    #[must_use]
    pub fn target_subject(&self) -> Subject {
        Subject { advisory: None, ..self.step.subject.clone() }
    }

    /// The answer of a step that does all its work by looking, should it be asked to act.
    #[must_use]
    pub fn only_looks(&self) -> StepError {
        StepError::internal(format!("`{}` has nothing to act on; it only looks", self.step.name))
    }

    /// What acting answers when the effect takes its time.
    #[must_use]
    pub fn look_again(&self, what: &str) -> Applied {
        let poll = self.inputs().workflow.policy.poll;
        Applied::Wait(Wait::new(later(self.world.clock.now(), poll), what))
    }

    /// Whether what is missing may only not be shown yet: GitHub's lists and pages lag behind what was written. For so long it is
    /// waited for; then it counts as missing.
    #[must_use]
    pub fn may_lag(&self) -> bool {
        self.waited() < LAG
    }

    fn without(&self, what: &str) -> StepError {
        StepError::internal(format!("the step `{}` has no {what}", self.step.name))
    }

    /// Look again after the workflow's polling time, then ever later. Once the workflow's patience is at an end, people are asked.
    #[must_use]
    pub fn wait_for(&self, what: impl Into<String>) -> Observed {
        let what = what.into();
        let policy = &self.inputs().workflow.policy;
        let now = self.world.clock.now();
        let since = self.facts.waiting_since.get(&self.step.name).copied().unwrap_or(now);
        if now.duration_since(since) > policy.patience {
            return Observed::Ask(Question {
                kind: QuestionKind::Decision,
                text: format!("waited since {since} for {what}; {}", self.meaning_of_waiting()),
                next: vec![NextAction::Resume.into()],
            });
        }
        Observed::Wait(Wait::new(later(now, pause(policy.poll, self.looks())), what))
    }

    /// What it means to wait on: while people see the fixes, and no advisory, time is not free.
    fn meaning_of_waiting(&self) -> &'static str {
        let is_seen = |step: &&Step| {
            step.kind.visibility() == Visibility::Public
                && matches!(self.facts.outputs.get(&step.name), Some(output) if !matches!(output, Output::Skipped(_)))
        };
        match self.plan.steps().find(is_seen) {
            Some(_) => "parts of the release are public already, so find out soon what holds this one",
            None => "nothing is public yet, and nothing is lost by waiting longer",
        }
    }

    /// Whether the step is known to wait, since it was begun or started again.
    #[must_use]
    pub fn has_waited(&self) -> bool {
        self.facts.waiting_since.contains_key(&self.step.name)
    }

    /// How long the step has waited since it was begun or started again.
    #[must_use]
    pub fn waited(&self) -> SignedDuration {
        let now = self.world.clock.now();
        self.facts
            .waiting_since
            .get(&self.step.name)
            .map_or(SignedDuration::ZERO, |since| now.duration_since(*since))
    }

    /// How often the step has looked in vain since it began to wait.
    #[must_use]
    pub fn looks(&self) -> u32 {
        self.facts.looks.get(&self.step.name).copied().unwrap_or(0)
    }
}

/// How long to wait after so many looks in vain: twice as long each time, up to eight times the first. What takes long
/// is looked at less often, so that a release of a hundred lines stays within GitHub's limits; it is never noticed
/// later than it would have been by waiting as long again.
fn pause(first: SignedDuration, looks: u32) -> SignedDuration {
    first.saturating_mul(1 << looks.min(3))
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_come_ever_later_and_never_later_than_eight_times_the_first() {
        let first = SignedDuration::from_secs(30);
        let pauses: Vec<i64> = (0..6).map(|looks| pause(first, looks).as_secs()).collect();
        assert_eq!(pauses, [30, 60, 120, 240, 240, 240]);
    }
}
