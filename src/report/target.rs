//! What became of one branch.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{BranchName, CommitId, GhsaId, RepoName, TreeId};
use crate::jobs::{Isolation, TestEvidence};
use crate::kinds::StepKind;
use crate::plan::{LineRelease, PackageRelease, Plan, Subject, Target};
use crate::run::State;
use crate::steps::{
    BranchVerdict, MatrixEvidence, OpenedPull, Output, gets_nothing, released_before, taken, verdict_on,
};

/// One branch of one repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportedTarget {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// The head that everything stands on.
    pub base: CommitId,
    /// The advisories whose fixes it got.
    pub advisories: Vec<GhsaId>,
    /// Whether it is affected by each advisory, and what people decided about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<ReportedVerdict>,
    /// Whether it was left out of the release, because people say that it is not affected.
    #[serde(default)]
    pub left_out: bool,
    /// The release of before that has every fix already, where no other was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_before: Option<String>,
    /// The proven tree: every fix and the release note.
    pub tree: Option<TreeId>,
    /// What a person had to look at because it was not a plain clean pick.
    pub review: Vec<String>,
    /// The suites that were run on that tree.
    pub suites: Vec<Suite>,
    /// What the project's own CI said of that tree, as far as it was run here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<MatrixEvidence>,
    /// Files of that tree that the suites did without, because a partial clone never got them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// The pull request with the fixes.
    pub patch: Option<Change>,
    /// What comparing the merged tree with the proven one said.
    pub compared: Option<String>,
    /// The pull request with the version bump.
    pub bump: Option<Change>,
    /// The version before.
    pub from_version: Option<String>,
    /// The released version.
    pub version: Option<String>,
    /// The packages with numbers of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<ReportedPackage>,
    /// Its tag.
    pub tag: Option<String>,
    /// The commit that the tag points at.
    pub tagged: Option<CommitId>,
    /// Its page.
    pub release_url: Option<String>,
    /// Its files.
    pub assets: Vec<String>,
    /// When it stood.
    pub released: Option<Timestamp>,
    /// What the registry said about it, where one is asked.
    pub registry: Option<String>,
}

/// A package whose number is not the line's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedPackage {
    /// Its name.
    pub name: String,
    /// The version before.
    pub from_version: String,
    /// The released version.
    pub version: String,
}

/// A pull request and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// The branch's head after its merge.
    pub merged_as: Option<CommitId>,
    /// When it was merged.
    pub merged: Option<Timestamp>,
    /// How often its red checks were run again.
    pub reruns: u32,
}

/// What was found about a branch and an advisory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedVerdict {
    /// The advisory.
    pub advisory: GhsaId,
    /// The verdict with its evidence and what people decided.
    #[serde(flatten)]
    pub verdict: BranchVerdict,
}

/// One test suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suite {
    /// Its name in the catalog.
    pub name: String,
    /// Whether it accepted the tree.
    pub passed: bool,
    /// How it ended.
    pub outcome: String,
    /// How far it was kept from the machine that it ran on, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Isolation>,
}

/// The outputs of one target's steps.
struct Outputs<'a> {
    plan: &'a Plan,
    state: &'a State,
    subject: Subject,
}

impl<'a> Outputs<'a> {
    fn of(&self, kind: StepKind) -> Option<&'a Output> {
        let step = self.plan.find(kind, &self.subject)?;
        self.state.facts.outputs.get(&step.name)
    }

    fn change(&self, opened: StepKind, checked: StepKind, merged: StepKind) -> Option<Change> {
        let Some(Output::Pull(OpenedPull { number, url, .. })) = self.of(opened) else { return None };
        let merge = match self.of(merged) {
            Some(Output::Merged(merge)) => Some(merge),
            _ => None,
        };
        let reruns = match self.of(checked) {
            Some(Output::Checks(checks)) => checks.reruns,
            _ => 0,
        };
        Some(Change {
            number: *number,
            url: url.clone(),
            merged_as: merge.map(|merge| merge.commit.clone()),
            merged: merge.map(|merge| merge.at),
            reruns,
        })
    }

    fn evidence(&self) -> Option<&'a TestEvidence> {
        match self.of(StepKind::Prove) {
            Some(Output::Evidence(evidence)) => Some(evidence),
            Some(Output::Proven(proof)) => Some(&proof.suites),
            _ => None,
        }
    }

    fn matrix(&self) -> Option<&'a MatrixEvidence> {
        self.state.facts.matrix_evidence(StepKind::Prove, &self.subject)
    }

    fn suites(&self) -> Vec<Suite> {
        let Some(evidence) = self.evidence() else { return Vec::new() };
        let suite = |result: &crate::jobs::TestResult| Suite {
            name: result.name.clone(),
            passed: result.outcome.passed(),
            outcome: result.outcome.to_string(),
            isolation: result.isolation.clone(),
        };
        evidence.results.iter().map(suite).collect()
    }
}

impl ReportedTarget {
    pub(super) fn of(plan: &Plan, state: &State, target: &Target) -> ReportedTarget {
        let before = released_before(plan, &state.facts, target).map(ToString::to_string);
        let release = target.release.as_ref().filter(|_| before.is_none());
        let subject =
            Subject { advisory: None, repo: Some(target.repo.clone()), branch: Some(target.branch.clone()) };
        let outputs = Outputs { plan, state, subject };
        let patch = match outputs.of(StepKind::Stack) {
            Some(Output::Patch(patch)) => Some(patch),
            _ => None,
        };
        let status = match outputs.of(StepKind::AwaitRelease) {
            Some(Output::Released(status)) => Some(status),
            _ => None,
        };
        ReportedTarget {
            repo: target.repo.clone(),
            branch: target.branch.clone(),
            base: state.facts.base(target).clone(),
            advisories: taken(plan, &state.facts, target).cloned().collect(),
            verdicts: verdicts(plan, state, target),
            left_out: gets_nothing(plan, &state.facts, target),
            tree: patch.map(|patch| patch.tree.clone()),
            review: patch.map(|patch| patch.review.clone()).unwrap_or_default(),
            suites: outputs.suites(),
            matrix: outputs.matrix().cloned(),
            absent: outputs.evidence().map(|evidence| evidence.absent.clone()).unwrap_or_default(),
            patch: outputs.change(StepKind::OpenPull, StepKind::AwaitChecks, StepKind::MergePatch),
            compared: outputs.of(StepKind::CompareTree).map(Output::summary),
            bump: outputs.change(StepKind::OpenBump, StepKind::AwaitBumpChecks, StepKind::MergeBump),
            released_before: before,
            from_version: release.map(|line| line.from.to_string()),
            version: release.map(|line| line.to.to_string()),
            packages: release.into_iter().flat_map(LineRelease::other_numbers).map(reported).collect(),
            tag: status.map(|status| status.tag.clone()),
            tagged: status.map(|status| status.commit.clone()),
            release_url: status.map(|status| status.url.clone()),
            assets: status.map(|status| status.assets.clone()).unwrap_or_default(),
            released: status.map(|status| status.at),
            registry: outputs.of(StepKind::AwaitRegistry).map(Output::summary),
        }
    }
}

fn reported(package: &PackageRelease) -> ReportedPackage {
    ReportedPackage {
        name: package.name.clone(),
        from_version: package.from.to_string(),
        version: package.to.to_string(),
    }
}

fn verdicts(plan: &Plan, state: &State, target: &Target) -> Vec<ReportedVerdict> {
    let verdict = |advisory: &GhsaId| {
        let verdict = verdict_on(plan, &state.facts, target, advisory)?.clone();
        Some(ReportedVerdict { advisory: advisory.clone(), verdict })
    };
    target.advisories.iter().filter_map(verdict).collect()
}
