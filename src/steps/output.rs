//! What a step leaves behind: the facts that later steps and the report build on.
//!
//! These types are written to the journal; their fields are never renamed, only added to.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::matrix_evidence::MatrixEvidence;
use crate::backport;
use crate::catalog::AssetFile;
use crate::github::PullRequest;
use crate::ids::{BranchName, CommitId, CveId, Digest, GhsaId, Login, RepoName, TreeId};
use crate::jobs::TestEvidence;
use crate::numbering::Version;
use crate::snapshot::Origin;
use crate::wording::counted;

/// The outcome of a finished step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "output", content = "value")]
pub enum Output {
    /// Something was done or settled that needs no more than a sentence.
    Note(String),
    /// There was nothing to do, and why.
    Skipped(String),
    /// A repository exists now.
    Repository(RepoName),
    /// The commits of a fix, in order.
    Commits(Vec<CommitId>),
    /// The commits of a fix that is a pull request.
    Series(ImportedSeries),
    /// Whether a branch is affected.
    Verdict(BranchVerdict),
    /// Every released version of a repository, and whether it carries a vulnerability.
    Versions(VersionTable),
    /// The CVE, or the decision to go on without.
    Cve(Option<CveId>),
    /// The fixes of one advisory on one branch, or of all on one branch.
    Patch(Patch),
    /// A version bump that was made and not opened yet.
    Bump(PreparedBump),
    /// What a GitHub Release will say.
    ReleaseText(PreparedRelease),
    /// A branch in a repository.
    Ref(PushedRef),
    /// A pull request.
    Pull(OpenedPull),
    /// The test results of a tree.
    Evidence(TestEvidence),
    /// The test results of a tree, and what the project's own CI says of it.
    Proven(Box<TreeProof>),
    /// A gate was passed.
    Passed(Passage),
    /// The checks of a commit are green.
    Checks(GreenChecks),
    /// A pull request was merged.
    Merged(MergedPull),
    /// The branches of merged pull requests were deleted.
    Tidied(TidiedBranches),
    /// A release was started.
    Started(Start),
    /// A release stands.
    Released(PublishedRelease),
    /// A mail was sent.
    Mail(SentMail),
    /// The advisory as GitHub has it now.
    Advisory(AdvisoryFact),
    /// What was checked from outside, a sentence each.
    Verified(Vec<String>),
    /// Files were written, relative to the run's folder.
    Files(Vec<String>),
}

/// The commits of a fix that is a pull request, and how they were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedSeries {
    /// What is carried to the branches, oldest first.
    pub commits: Vec<CommitId>,
    /// The pull request's head at that moment.
    pub head: CommitId,
    /// What whoever approves must know of how they were found, a sentence each.
    pub remarks: Vec<String>,
}

/// Whether a branch is affected by a vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchVerdict {
    /// `affected`, `likely`, `possibly`, `not affected` or `already fixed`.
    pub verdict: String,
    /// Why, a sentence each.
    pub evidence: Vec<String>,
    /// The released versions of this line that carry the vulnerability, or may. Only in journals of before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// Every released version of this line, with the verdict on it. Only in journals of before: see [`VersionTable`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<ReleasedVersion>,
    /// What people decided, where they were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<BranchDecision>,
}

/// A released version, and whether it is affected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedVersion {
    /// The version.
    pub version: Version,
    /// The verdict on it.
    pub verdict: backport::Verdict,
}

/// Every released version of a repository, oldest first, as its content tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VersionTable {
    /// The versions.
    pub versions: Vec<JudgedVersion>,
    /// Packages whose folder some of them lack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<AbsentPackage>,
}

/// A package that shares the versions of its repository, some of which lack its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsentPackage {
    /// Its name.
    pub package: String,
    /// Its folder.
    pub folder: String,
    /// The versions that lack it.
    pub versions: Vec<Version>,
}

/// A released version, and what its content says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedVersion {
    /// The version.
    pub version: Version,
    /// Its tag.
    pub tag: String,
    /// Where it was released from.
    pub origin: Origin,
    /// The verdict on it.
    pub verdict: backport::Verdict,
    /// What the verdict rests on, as a clause.
    pub because: String,
    /// The package whose version it is, where its releases are told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Whether none of the commits that are said to have brought the vulnerability came to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never_introduced: bool,
}

impl VersionTable {
    fn summary(&self) -> String {
        let carrying = self.versions.iter().filter(|one| one.verdict.may_carry());
        let (possibly, known): (Vec<_>, Vec<_>) =
            carrying.partition(|one| one.verdict == backport::Verdict::Possibly);
        let more = if possibly.is_empty() { String::new() } else { format!(", {} may", possibly.len()) };
        format!(
            "{} of {} carry it by their content{more}",
            known.len(),
            counted(self.versions.len(), "released version")
        )
    }
}

/// What people made of a verdict that leaves a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "decision")]
pub enum BranchDecision {
    /// The branch gets the fix.
    Affected {
        /// Who says so.
        by: Login,
    },
    /// The branch is left out.
    LeftOut {
        /// Who says so.
        by: Login,
        /// Why.
        reason: String,
    },
}

impl BranchVerdict {
    /// The verdict with what people decided, in a line.
    #[must_use]
    pub fn summary(&self) -> String {
        match &self.decision {
            None => self.verdict.clone(),
            Some(BranchDecision::Affected { by }) => {
                format!("{}; {by} says that it is affected", self.verdict)
            }
            Some(BranchDecision::LeftOut { by, reason }) => {
                format!("{}; left out by {by}: {reason}", self.verdict)
            }
        }
    }
}

/// Commits on top of a branch, made in memory and kept in the run's store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// What they stand on.
    pub base: CommitId,
    /// The new commits, oldest first. Empty: the branch has it all already.
    pub commits: Vec<PatchCommit>,
    /// The last of them, or the base.
    pub head: CommitId,
    /// The tree of the head.
    pub tree: TreeId,
    /// What a person must look at because it was not a plain clean pick, a sentence each.
    pub review: Vec<String>,
    /// The last commit that a person made by settling a conflict; what follows it was picked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<CommitId>,
}

/// One commit of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchCommit {
    /// The new commit.
    pub commit: CommitId,
    /// The commit of the fix that it carries; `None` for a release note.
    pub from: Option<CommitId>,
    /// The advisory that it belongs to; `None` for a release note.
    pub advisory: Option<GhsaId>,
    /// Its subject line.
    pub subject: String,
}

/// A version bump that was made ahead of the day, in the store alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedBump {
    /// The head of the line that it was made on.
    pub base: CommitId,
    /// The commit.
    pub commit: CommitId,
    /// Its title.
    pub title: String,
    /// The files that it changes. None where the line states the version and only the marker is missing.
    pub files: Vec<String>,
    /// Places that still state the old version, a sentence each.
    pub review: Vec<String>,
}

/// What a GitHub Release says and holds, as it is approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedRelease {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its files.
    pub assets: Vec<Attachment>,
}

/// A file that is attached to a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name there.
    pub name: String,
    /// Where it lay beside the release file.
    pub path: String,
    /// What it is.
    pub file: AssetFile,
}

/// A branch in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedRef {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// Where it points.
    pub commit: CommitId,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedPull {
    /// The repository it is in.
    pub repo: RepoName,
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// The branch that it brings.
    pub branch: BranchName,
    /// The commit that it brings.
    pub head: CommitId,
}

impl OpenedPull {
    /// A pull request of this repository that brings `head`, whatever GitHub has seen of its branch so far.
    #[must_use]
    pub fn bringing(head: CommitId, repo: &RepoName, pull: PullRequest) -> OpenedPull {
        OpenedPull { repo: repo.clone(), number: pull.number, url: pull.url, branch: pull.head.branch, head }
    }
}

/// What suites and the project's own CI say of a tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TreeProof {
    /// The suites of the catalog.
    pub suites: TestEvidence,
    /// The entries of the project's own CI.
    pub matrix: MatrixEvidence,
}

impl TreeProof {
    /// Whether the tree counts as proven: something passed, every suite did, and no entry holds the target up.
    #[must_use]
    pub fn green(&self) -> bool {
        let suites = self.suites.results.is_empty() || self.suites.green();
        let any = self.suites.green() || self.matrix.passed().next().is_some();
        suites && any && self.matrix.is_enough()
    }
}

impl fmt::Display for TreeProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.suites.results.is_empty() {
            write!(f, "on tree {}: ", self.suites.tree.short())?;
        } else {
            write!(f, "{}{}", self.suites, if self.suites.green() { "; " } else { "\n" })?;
        }
        write!(f, "{}", self.matrix)
    }
}

/// The passage of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// What was approved.
    pub digest: Digest,
    /// By whom.
    pub by: Vec<Login>,
    /// When the gate let the release through.
    pub at: Timestamp,
}

/// Green checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GreenChecks {
    /// Of which commit.
    pub commit: CommitId,
    /// The names of the checks.
    pub names: Vec<String>,
    /// How often red ones were run again.
    pub reruns: u32,
    /// Those that no rule requires and that were not green when the line went on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_green: Vec<String>,
}

/// A merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedPull {
    /// The branch's head after it.
    pub commit: CommitId,
    /// When Lockgate saw it.
    pub at: Timestamp,
}

/// The branches of merged pull requests, once they were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TidiedBranches {
    /// The repository that they were in.
    pub repo: RepoName,
    /// Those that are gone.
    pub gone: Vec<BranchName>,
    /// Those that somebody moved after their pull request was merged, and where they are. They are left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<(BranchName, CommitId)>,
}

impl TidiedBranches {
    fn summary(&self) -> String {
        let TidiedBranches { repo, gone, left } = self;
        let moved = left.iter().map(|(branch, head)| {
            format!("`{branch}` was left as it is: somebody moved it to {}", head.short())
        });
        let gone = format!("{} of {repo} gone", counted(gone.len(), "branch"));
        std::iter::once(gone).chain(moved).collect::<Vec<_>>().join("; ")
    }
}

/// The start of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The commit that is released.
    pub commit: CommitId,
    /// The tag that it will have.
    pub tag: String,
    /// The workflow run, where one was dispatched.
    pub run: Option<u64>,
    /// How it was started, in words.
    pub how: String,
}

/// A release that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedRelease {
    /// Its tag.
    pub tag: String,
    /// The commit that the tag points at.
    pub commit: CommitId,
    /// Its page.
    pub url: String,
    /// Its files.
    pub assets: Vec<String>,
    /// When it was published.
    pub at: Timestamp,
    /// Whether it is a tag without a GitHub Release.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tag_alone: bool,
}

/// A mail that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMail {
    /// Its Message-ID.
    pub id: String,
    /// Its subject.
    pub subject: String,
    /// Its recipients.
    pub to: Vec<String>,
}

/// An advisory as GitHub has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvisoryFact {
    /// Its state.
    pub state: String,
    /// Its page.
    pub url: String,
    /// What somebody had changed since it was approved, and was put back before it was published: `its summary`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub put_back: Vec<String>,
}

impl Output {
    /// The outcome in a line, for people. Tells nothing that the journal does not.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Output::Note(text) => text.clone(),
            Output::Skipped(why) => format!("nothing to do: {why}"),
            Output::Repository(repo) => repo.to_string(),
            Output::Commits(commits) => counted(commits.len(), "commit"),
            Output::Series(series) => {
                let all = std::iter::once(counted(series.commits.len(), "commit"));
                all.chain(series.remarks.iter().cloned()).collect::<Vec<_>>().join("; ")
            }
            Output::Verdict(verdict) => verdict.summary(),
            Output::Versions(table) => table.summary(),
            Output::Cve(Some(id)) => id.to_string(),
            Output::Cve(None) => "without a CVE".to_owned(),
            Output::Patch(patch) => {
                let (commits, review) = (counted(patch.commits.len(), "commit"), needs_review(&patch.review));
                format!("{commits}, tree {}{review}", patch.tree.short())
            }
            Output::Bump(bump) => {
                let (files, review) = (counted(bump.files.len(), "file"), needs_review(&bump.review));
                format!("{} in {files}{review}", bump.commit.short())
            }
            Output::ReleaseText(text) => {
                format!("\"{}\" with {}", text.title, counted(text.assets.len(), "file"))
            }
            Output::Ref(pushed) => format!("{} {} at {}", pushed.repo, pushed.branch, pushed.commit.short()),
            Output::Pull(pull) => format!("{}#{} {}", pull.repo, pull.number, pull.url),
            Output::Evidence(evidence) => evidence.to_string(),
            Output::Proven(proof) => proof.to_string(),
            Output::Passed(passage) => {
                let by: Vec<&str> = passage.by.iter().map(Login::as_str).collect();
                format!("approved by {} at digest {}", by.join(", "), passage.digest.short())
            }
            Output::Checks(checks) => {
                let green = format!("{} green", counted(checks.names.len(), "check"));
                let green = match checks.reruns as usize {
                    0 => green,
                    reruns => format!("{green} after {}", counted(reruns, "rerun")),
                };
                match checks.not_green.as_slice() {
                    [] => green,
                    others => format!("{green}; not required and not green: {}", others.join(", ")),
                }
            }
            Output::Merged(merge) => format!("merged as {}", merge.commit.short()),
            Output::Tidied(branches) => branches.summary(),
            Output::Started(start) => start.how.clone(),
            Output::Released(standing) => format!("{} {}", standing.tag, standing.url),
            Output::Mail(mail) => format!("\"{}\" to {}", mail.subject, mail.to.join(", ")),
            Output::Advisory(fact) if fact.put_back.is_empty() => format!("{} {}", fact.state, fact.url),
            Output::Advisory(fact) => format!(
                "{} {}; somebody had changed {} since it was approved, which was put back",
                fact.state,
                fact.url,
                fact.put_back.join(" and ")
            ),
            Output::Verified(checks) => format!("{} passed", counted(checks.len(), "check")),
            Output::Files(files) => files.join(", "),
        }
    }
}

/// The first reason to look at something, and how many more there are.
fn needs_review(reasons: &[String]) -> String {
    match reasons {
        [] => String::new(),
        [only] => format!(", NEEDS REVIEW: {only}"),
        [first, more @ ..] => {
            format!(", NEEDS REVIEW: {first} (and {})", counted(more.len(), "further reason"))
        }
    }
}
