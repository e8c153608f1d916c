//! What is known of a run while a step is taken: the outputs of earlier steps, approvals and decisions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::error::StepError;
use super::matrix_evidence::MatrixEvidence;
use super::output::{
    ImportedSeries, MergedPull, OpenedPull, Output, Passage, Patch, PreparedBump, PreparedRelease,
    PublishedRelease, PushedRef, SentMail, Start,
};
use super::outputs::Outputs;
use crate::ids::{BranchName, CommitId, CveId, Digest, Login, RepoName, StepName, TreeId};
use crate::jobs::TestEvidence;
use crate::kinds::StepKind;
use crate::plan::{Plan, Step, Subject, Target};
use crate::release::{Advisory, CveWish};

/// The known facts of a run. Applied by folding its events; a step reads them and nothing else of the past.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What finished steps left.
    pub outputs: Outputs,
    /// Approvals by step: who, and of which digest.
    pub approvals: BTreeMap<StepName, Vec<(Login, Digest)>>,
    /// What people decided, by step.
    pub decisions: BTreeMap<StepName, Decision>,
    /// Who decided it.
    pub decided_by: BTreeMap<StepName, Login>,
    /// Of which tree a decision is, where the question was about one.
    pub decided_trees: BTreeMap<StepName, TreeId>,
    /// Steps that acted after the last decision about them: it answered a question about an earlier attempt.
    pub acted_since_decision: BTreeSet<StepName>,
    /// Heads that moved after the plan was made, with the head that is now built on.
    pub moved: BTreeMap<(RepoName, BranchName), CommitId>,
    /// Since when a step has been waiting.
    pub waiting_since: BTreeMap<StepName, Timestamp>,
    /// Steps that continue only once people have done something: they asked, or failed for good.
    pub held: BTreeSet<StepName>,
    /// Steps that continue only once another is done: what each waits behind.
    pub behind: BTreeMap<StepName, StepName>,
    /// How often a step has looked in vain since it began to wait.
    pub looks: BTreeMap<StepName, u32>,
    /// Whether the run was continued in another folder than the one before: then there may be two of it.
    pub copied: bool,
    /// How often a step's red checks were run again.
    pub reruns: BTreeMap<StepName, u32>,
    /// Mails that runs sent which were called off before this one was started in their place.
    pub sent_before: Vec<SentMail>,
    /// Steps whose mail such a run may have sent.
    pub doubtful: BTreeSet<StepName>,
    /// What such runs pushed to branches of ours, and what this one did before an amendment.
    pub pushed_before: BTreeSet<CommitId>,
    /// Pull requests of steps that an amendment has taken again or dropped since, and those that such runs left.
    pub pulls_before: Vec<OpenedPull>,
    /// Pull requests that such runs merged, by the steps that did.
    pub merged_before: BTreeMap<StepName, OpenedPull>,
}

/// What a person decided about a step.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "decision")]
pub enum Decision {
    /// It is so; for `confirm` steps.
    Confirmed,
    /// What it sent has not arrived: it is sent once more. Versions up to 0.1 wrote `Waived` for a mail.
    SendAgain,
    /// The release continues without it, for this reason.
    Waived {
        /// Why.
        reason: String,
    },
    /// The conflict was resolved by this commit.
    Resolved {
        /// The resolved commit, in the run's store.
        commit: CommitId,
        /// The files in which the person began from what `mergiraf` proposed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        proposed: Vec<String>,
    },
}

/// Reads the output of a step as one variant, or says which step is missing.
macro_rules! reader {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $type:ty) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// When the step has not left one; the plan's order rules that out.
        pub fn $name(&self, kind: StepKind, subject: &Subject) -> Result<&$type, StepError> {
            match self.output(kind, subject) {
                Some(Output::$variant(value)) => Ok(value),
                other => Err(StepError::missing(kind, subject, other.map(Output::summary))),
            }
        }
    };
}

impl Facts {
    /// The output of the step of this kind and subject.
    #[must_use]
    pub fn output(&self, kind: StepKind, subject: &Subject) -> Option<&Output> {
        if self.outputs.is_empty() {
            return None;
        }
        self.outputs.get(&Step::name_of(kind, subject, None)?)
    }

    reader!(
        /// The patch that a `backport` or `stack` step made.
        patch, Patch, Patch
    );
    reader!(
        /// The pull request that an `import-fix` step fetched, if the fix is one.
        series, Series, ImportedSeries
    );
    reader!(
        /// The version bump that a `prepare-bump` step made.
        bump, Bump, PreparedBump
    );
    reader!(
        /// What a `prepare-release` step wrote.
        release_text, ReleaseText, PreparedRelease
    );
    reader!(
        /// The branch that a push step left.
        pushed, Ref, PushedRef
    );
    reader!(
        /// The pull request that a step opened.
        pull, Pull, OpenedPull
    );
    reader!(
        /// The merge that a merge step made or found.
        merged, Merged, MergedPull
    );
    reader!(
        /// How a release was started.
        start, Started, Start
    );
    reader!(
        /// The release that an `await-release` step saw.
        standing, Released, PublishedRelease
    );

    /// The test results of a `prove` step.
    ///
    /// # Errors
    /// When the step has not left any; the plan's order rules that out.
    pub fn evidence(&self, kind: StepKind, subject: &Subject) -> Result<&TestEvidence, StepError> {
        match self.output(kind, subject) {
            Some(Output::Evidence(evidence)) => Ok(evidence),
            Some(Output::Proven(proof)) => Ok(&proof.suites),
            other => Err(StepError::missing(kind, subject, other.map(Output::summary))),
        }
    }

    /// What the project's own CI said of the tree that a `prove` step proved, if it was asked.
    #[must_use]
    pub fn matrix_evidence(&self, kind: StepKind, subject: &Subject) -> Option<&MatrixEvidence> {
        match self.output(kind, subject)? {
            Output::Proven(proof) => Some(&proof.matrix),
            _ => None,
        }
    }

    /// The commits that an `import-fix` step fetched.
    ///
    /// # Errors
    /// When the step has not left any; the plan's order rules that out.
    pub fn commits(&self, kind: StepKind, subject: &Subject) -> Result<&Vec<CommitId>, StepError> {
        match self.output(kind, subject) {
            Some(Output::Commits(commits) | Output::Series(ImportedSeries { commits, .. })) => Ok(commits),
            other => Err(StepError::missing(kind, subject, other.map(Output::summary))),
        }
    }

    /// The CVE of an advisory: the one that the release file gives, else the one that was assigned in this run, else
    /// the one that the advisory had when the plan was made.
    #[must_use]
    pub fn cve(&self, plan: &Plan, advisory: &Advisory) -> Option<CveId> {
        if let CveWish::Given(cve) = &advisory.cve {
            return Some(cve.clone());
        }
        let subject = Subject::of_advisory(&advisory.id);
        let assigned =
            [StepKind::LateCve, StepKind::AwaitCve, StepKind::RequestCve].into_iter().find_map(|kind| {
                match self.output(kind, &subject) {
                    Some(Output::Cve(cve)) => cve.clone(),
                    _ => None,
                }
            });
        assigned.or_else(|| plan.snapshot.advisories.get(&advisory.id)?.cve.as_ref()?.parse().ok())
    }

    /// The reason for which people waived a step for this tree, and who. What they waived for another tree says nothing of
    /// this one.
    #[must_use]
    pub fn waiver_of(&self, step: &StepName, tree: &TreeId) -> Option<(&str, &str)> {
        if self.decided_trees.get(step) != Some(tree) {
            return None;
        }
        let Decision::Waived { reason } = self.decisions.get(step)? else { return None };
        Some((reason, self.decided_by.get(step).map_or("somebody", Login::as_str)))
    }

    /// Whether a step made its patch of what people made of its conflict, handed in or pushed.
    #[must_use]
    pub fn is_resolved(&self, step: &StepName) -> bool {
        matches!(self.outputs.get(step), Some(Output::Patch(patch)) if patch.resolved.is_some())
    }

    /// Whether it was opened for this release earlier, by a step that is taken again.
    #[must_use]
    pub fn opened_before(&self, repo: &RepoName, number: u64) -> bool {
        self.pulls_before.iter().any(|pull| pull.repo == *repo && pull.number == number)
    }

    /// The passage of a gate.
    #[must_use]
    pub fn passage(&self, plan: &Plan, gate: &str) -> Option<&Passage> {
        match self.outputs.get(&plan.gate(gate)?.name)? {
            Output::Passed(passage) => Some(passage),
            _ => None,
        }
    }

    /// What a target's patches are built on: the base that the release file states, or the branch's head.
    #[must_use]
    pub fn base<'a>(&'a self, target: &'a Target) -> &'a CommitId {
        if target.is_merged_back() { &target.base } else { self.head(target) }
    }

    /// The head of a target's branch: the plan's, or the one it moved to.
    #[must_use]
    pub fn head<'a>(&'a self, target: &'a Target) -> &'a CommitId {
        self.moved.get(&(target.repo.clone(), target.branch.clone())).unwrap_or(target.head())
    }
}
