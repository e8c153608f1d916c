//! A step: its kind, what it concerns, and its stable name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{BranchName, GhsaId, RepoName, StepName};
use crate::kinds::{Phase, StepKind};

/// What a step concerns. An absent part means "all of them".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Subject {
    /// The advisory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub advisory: Option<GhsaId>,
    /// The repository.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub repo: Option<RepoName>,
    /// The branch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub branch: Option<BranchName>,
}

impl Subject {
    /// An advisory in all repositories.
    #[must_use]
    pub fn of_advisory(advisory: &GhsaId) -> Subject {
        Subject { advisory: Some(advisory.clone()), ..Subject::default() }
    }

    /// A repository with all its branches.
    #[must_use]
    pub fn of_repo(repo: &RepoName) -> Subject {
        Subject { repo: Some(repo.clone()), ..Subject::default() }
    }

    /// The fix of an advisory in a repository.
    #[must_use]
    pub fn of_fix(advisory: &GhsaId, repo: &RepoName) -> Subject {
        Subject { advisory: Some(advisory.clone()), ..Subject::of_repo(repo) }
    }

    /// One branch of a repository, for all advisories.
    #[must_use]
    pub fn of_branch(repo: &RepoName, branch: &BranchName) -> Subject {
        Subject { branch: Some(branch.clone()), ..Subject::of_repo(repo) }
    }

    /// Whether two subjects have something in common: they differ in no part that both have.
    #[must_use]
    pub fn meets(&self, other: &Subject) -> bool {
        fn agree<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
            match (one, other) {
                (Some(one), Some(other)) => one == other,
                _ => true,
            }
        }
        agree(&self.advisory, &other.advisory)
            && agree(&self.repo, &other.repo)
            && agree(&self.branch, &other.branch)
    }

    /// Whether it concerns the whole release.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.advisory.is_none() && self.repo.is_none() && self.branch.is_none()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<&str> = Vec::new();
        parts.extend(self.repo.as_ref().map(RepoName::as_str));
        parts.extend(self.branch.as_ref().map(BranchName::as_str));
        parts.extend(self.advisory.as_ref().map(GhsaId::as_str));
        f.write_str(&parts.join(" "))
    }
}

/// One unit of work of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its stable name.
    pub name: StepName,
    /// What is done.
    pub kind: StepKind,
    /// What it concerns.
    pub subject: Subject,
    /// In which phase.
    pub phase: Phase,
    /// The name of the confirmation or gate, for steps of people; of the mail, where it is not the usual one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asks: Option<String>,
}

impl Step {
    /// The step whose name is made of kind and subject: `backport/brightwater/sluice/release/2.x/GHSA-…`.
    #[must_use]
    pub fn named(kind: StepKind, subject: Subject, phase: Phase, asks: Option<String>) -> Option<Step> {
        let name = Step::name_of(kind, &subject, asks.as_deref())?;
        Some(Step { name, kind, subject, phase, asks })
    }

    /// The name of the step of this kind, subject and, where it has one, name of its own. The phase is no part of it.
    #[must_use]
    pub fn name_of(kind: StepKind, subject: &Subject, asks: Option<&str>) -> Option<StepName> {
        let mut parts = vec![kind.as_str()];
        parts.extend(asks);
        parts.extend(subject.repo.as_ref().map(RepoName::as_str));
        parts.extend(subject.branch.as_ref().map(BranchName::as_str));
        parts.extend(subject.advisory.as_ref().map(GhsaId::as_str));
        parts.join("/").parse().ok()
    }
}
