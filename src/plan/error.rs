//! Why no plan can be made.

use crate::ids::{BranchName, GhsaId, RepoName};
use crate::numbering::Version;

/// Why no plan can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The snapshot lacks a branch that the catalog calls supported.
    #[error("`{repo}` has no branch `{branch}`")]
    NoBranch {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
    },
    /// The snapshot lacks a repository.
    #[error("the repository `{0}` was not found")]
    NoRepository(RepoName),
    /// The snapshot lacks an advisory.
    #[error("the advisory {advisory} was not found in `{repo}`")]
    NoAdvisory {
        /// The advisory.
        advisory: GhsaId,
        /// Where it should be.
        repo: RepoName,
    },
    /// A line is released, but nothing says how.
    #[error("nothing says how `{repo}` is released: it has no {missing}, and the workflow has none either")]
    NoRule {
        /// The repository.
        repo: RepoName,
        /// `version` or `release`.
        missing: &'static str,
    },
    /// The version of a line could not be read.
    #[error("the version of `{repo}` on `{branch}` is unknown")]
    NoVersion {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
    },
    /// The release file states a version that cannot be.
    #[error("{version} cannot be released from `{branch}` of `{}`: {because}", .package.as_deref().unwrap_or(repo.as_str()))]
    WrongVersion {
        /// The repository.
        repo: RepoName,
        /// The package, where its number is its own.
        package: Option<String>,
        /// The branch.
        branch: BranchName,
        /// The version that is stated.
        version: String,
        /// Why, as a sentence.
        because: String,
    },
    /// The release file states a base that a release of this repository cannot have.
    #[error("`{branch}` of `{repo}` cannot be released from `{base}`: {because}")]
    WrongBase {
        /// The repository.
        repo: RepoName,
        /// The branch.
        branch: BranchName,
        /// The base that is stated.
        base: String,
        /// Why, as a sentence.
        because: String,
    },
    /// The version that comes next is released already.
    #[error("`{}` states {} on `{}`, so {} would come next, but {}", .0.name(), .0.from, .0.branch, .0.to, .0.found)]
    Taken(Box<TakenVersion>),
    /// Two branches would be released under one tag.
    #[error("`{}` and `{}` of `{}` would both be released as the tag {}", .0.other, .0.branch, .0.repo, .0.tag)]
    SameTag(Box<SharedTag>),
    /// Two branches would publish one version of a package.
    #[error("`{}` and `{}` of `{}` would both publish `{}` {}", .0.other, .0.branch, .0.repo, .0.package, .0.version)]
    SamePackage(Box<SharedPackage>),
    /// GitHub would refuse to merge into a branch.
    #[error("pull requests into `{}` of `{}` cannot be merged: {}", .0.branch, .0.repo, .0.because)]
    Merge(Box<ForbiddenMerge>),
    /// A policy of the catalog cannot be kept here.
    #[error("`{}` of `{}` cannot be `{} = \"{}\"`: {}", .0.branch, .0.repo, .0.key, .0.value, .0.because)]
    Policy(Box<WrongPolicy>),
    /// GitHub would refuse a name or a file that is pushed.
    #[error("{} `{}` cannot be pushed to `{}`: the ruleset `{}` {}", .0.what, .0.name, .0.repo, .0.ruleset, .0.because)]
    Push(Box<ForbiddenPush>),
    /// What the catalog says of a line after its release is no version of it.
    #[error("`{}` cannot state {version} after its release: {because}", package.as_deref().unwrap_or(repo.as_str()))]
    WrongAfterRelease {
        /// The repository.
        repo: RepoName,
        /// The package, where it is about one with a number of its own.
        package: Option<String>,
        /// What it would state.
        version: String,
        /// Why, as a sentence.
        because: String,
    },
    /// A file that is to be attached to a release cannot be.
    #[error("`{asset}` belongs to every release of `{repo}`, and {because}")]
    WrongAsset {
        /// The repository.
        repo: RepoName,
        /// The file as the catalog names it.
        asset: String,
        /// Why, as a sentence.
        because: String,
    },
    /// No rule tells which version comes after the present one.
    #[error(
        "`{}` states {from} on `{branch}`, and no rule tells which version comes next", .package.as_deref().unwrap_or(repo.as_str())
    )]
    NoNextVersion {
        /// The repository.
        repo: RepoName,
        /// The package, where its number is its own.
        package: Option<String>,
        /// The branch.
        branch: BranchName,
        /// The present version.
        from: Version,
    },
    /// Repositories depend on each other.
    #[error("these repositories wait for each other's release: {}", circle(.0))]
    Cycle(Vec<RepoName>),
}

/// A next version that is released already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenVersion {
    /// The repository.
    pub repo: RepoName,
    /// The package, where its number is its own.
    pub package: Option<String>,
    /// The branch.
    pub branch: BranchName,
    /// The present version.
    pub from: Version,
    /// The next one.
    pub to: Version,
    /// What shows that it is released, as a sentence.
    pub found: String,
    /// The next free one, if a rule tells it.
    pub free: Option<Version>,
}

impl TakenVersion {
    fn name(&self) -> &str {
        self.package.as_deref().unwrap_or(self.repo.as_str())
    }
}

/// A tag that two branches would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedTag {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// The branch that makes it, too.
    pub other: BranchName,
    /// The tag.
    pub tag: String,
}

/// A version of a package that two branches would publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedPackage {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// The branch that publishes it, too.
    pub other: BranchName,
    /// The package.
    pub package: String,
    /// The version.
    pub version: Version,
}

/// A name or a file that the repository takes from nobody who plans this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForbiddenPush {
    /// The repository.
    pub repo: RepoName,
    /// `the branch`, `the tag` or `the file`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// The key of the catalog that says so.
    pub key: &'static str,
    /// The ruleset that refuses it.
    pub ruleset: String,
    /// Why, as a sentence without its subject.
    pub because: String,
}

/// A branch into which nothing could be merged as the files say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForbiddenMerge {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// What the release file states as its base, if its release is merged into it afterwards.
    pub base: Option<String>,
    /// Why, as a sentence.
    pub because: String,
    /// The key of the catalog's entry that it is about.
    pub key: &'static str,
    /// What to write instead.
    pub remedy: String,
}

/// A policy that a branch cannot keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongPolicy {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// The key of the catalog that states it.
    pub key: &'static str,
    /// What it states.
    pub value: String,
    /// Why, as a sentence.
    pub because: &'static str,
    /// What to write instead.
    pub remedy: &'static str,
}

/// A cycle in words, back to where it began.
fn circle(repos: &[RepoName]) -> String {
    let names: Vec<String> = repos.iter().chain(repos.first()).map(|name| format!("`{name}`")).collect();
    names.join(" -> ")
}
