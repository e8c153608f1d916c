//! Targets: the branches that receive something, and what they receive.

use serde::{Deserialize, Serialize};

use super::step::Subject;
use crate::catalog::Package;
use crate::ids::{BranchName, CommitId, GhsaId, RepoName};
use crate::numbering::Version;

/// One branch of one repository that receives patches, a version bump, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// What its patches are built on: the head that the plan saw, or the base that the release file states.
    pub base: CommitId,
    /// What the release file states as its base, if it does. The release is merged into the branch once it is out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_base: Option<StatedBase>,
    /// The tag or commit at which its branch is made when the embargo ends, as the release file states it; `None` for a branch
    /// that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_at: Option<String>,
    /// The older branch whose patched head is merged into it, where fixes are merged upwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_from: Option<BranchName>,
    /// Whether it is merged only when the other branches of its repository are released.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub comes_last: bool,
    /// Whether its bump is merged before its fixes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bump_first: bool,
    /// The advisories whose fixes it receives, in stacking order.
    pub advisories: Vec<GhsaId>,
    /// The release made from it; the default branch has none.
    pub release: Option<LineRelease>,
    /// The version in which somebody else releases what it receives, where the release file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_elsewhere: Option<Version>,
    /// The new versions of other repositories that its release carries.
    pub carries: Vec<CarriedRelease>,
}

/// A release that starts elsewhere than at the head of its branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedBase {
    /// The tag or commit, as the release file states it.
    pub name: String,
    /// The head of the branch that the plan saw.
    pub head: CommitId,
}

/// The release made from a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRelease {
    /// The version that the line states now.
    pub from: Version,
    /// The version that is released.
    pub to: Version,
    /// Its tag.
    pub tag: String,
    /// More tags of the same release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_tags: Vec<String>,
    /// The packages whose releases are told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<PackageRelease>,
    /// What is remarkable about the version, if anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What the line states after the release, if that is another version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Version>,
}

/// The release of a package with tags or numbers of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageRelease {
    /// The package's name.
    pub name: String,
    /// The version that the line states now.
    pub from: Version,
    /// The version that is released.
    pub to: Version,
    /// Its tag, its own or that of the whole release.
    pub tag: String,
    /// What is remarkable about the version, if anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What its files state after the release, if that is another version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Version>,
}

/// Another repository's new version that a line carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedRelease {
    /// The other repository.
    pub repo: RepoName,
    /// Its line.
    pub branch: BranchName,
    /// The version released from it.
    pub version: Version,
}

impl LineRelease {
    /// The release of a package that is told apart, if this line has it.
    #[must_use]
    pub fn package(&self, name: &str) -> Option<&PackageRelease> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// The version of a package; `None` where this line does not have it.
    #[must_use]
    pub fn version_of(&self, package: &Package) -> Option<&Version> {
        if package.is_apart() { Some(&self.package(&package.name)?.to) } else { Some(&self.to) }
    }

    /// The packages that state another version after the release, each with that version.
    pub fn packages_after(&self) -> impl Iterator<Item = (&PackageRelease, &Version)> {
        self.packages.iter().filter_map(|package| Some((package, package.after.as_ref()?)))
    }

    /// Whether the line or one of its packages states another version after the release.
    #[must_use]
    pub fn is_developed(&self) -> bool {
        self.after.is_some() || self.packages_after().next().is_some()
    }

    /// The packages whose number is not the line's own.
    pub fn other_numbers(&self) -> impl Iterator<Item = &PackageRelease> {
        self.packages.iter().filter(|package| package.from != self.from || package.to != self.to)
    }

    /// All its tags, its own last: pushing that one is what starts a release.
    pub fn tags(&self) -> impl Iterator<Item = &String> {
        self.more_tags.iter().chain([&self.tag])
    }
}

impl Target {
    /// `owner/name branch`, for people.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.repo, self.branch)
    }

    /// It as the subject of a step.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::of_branch(&self.repo, &self.branch)
    }

    /// One advisory on it as the subject of a step.
    #[must_use]
    pub fn subject_for(&self, advisory: &GhsaId) -> Subject {
        Subject { advisory: Some(advisory.clone()), ..self.subject() }
    }

    /// The head of its branch that the plan saw.
    #[must_use]
    pub fn head(&self) -> &CommitId {
        self.stated_base.as_ref().map_or(&self.base, |stated| &stated.head)
    }

    /// Where its branch begins, as long as it is not there; `None` for a branch that exists.
    #[must_use]
    pub fn beginning(&self) -> Option<&CommitId> {
        self.begins_at.as_ref().map(|_| &self.base)
    }

    /// Whether its release is made beside its branch and merged into it afterwards.
    #[must_use]
    pub fn is_merged_back(&self) -> bool {
        self.stated_base.is_some()
    }

    /// Whether it receives any fix.
    #[must_use]
    pub fn is_patched(&self) -> bool {
        !self.advisories.is_empty()
    }

    /// Whether this is the target of that repository and branch.
    #[must_use]
    pub fn is(&self, repo: &RepoName, branch: &BranchName) -> bool {
        self.repo == *repo && self.branch == *branch
    }
}
