//! What the world looked like when the plan was made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{BranchName, CommitId, GhsaId, RepoName};
use crate::merge_rules::MergeRules;
use crate::numbering::Version;

/// The observed facts that a plan is computed from, beside the user's files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When it was taken.
    pub taken: Timestamp,
    /// Every repository of the release and of its dependencies.
    pub repos: BTreeMap<RepoName, RepoState>,
    /// Every advisory of the release.
    pub advisories: BTreeMap<GhsaId, AdvisoryState>,
    /// Who commits, as git on the machine of the plan knows the person; `None` where git was told of nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committer: Option<Identity>,
    /// The workers that were there to run the projects' own CI, a machine each; none where the machine of the plan runs it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workers: Vec<String>,
}

/// A person as commits name them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
}

/// One repository as it was seen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RepoState {
    /// The supported branches that exist, with their heads and versions.
    pub branches: BTreeMap<BranchName, BranchState>,
    /// The tags that exist.
    pub tags: BTreeMap<String, CommitId>,
    /// Every version that a tag names, oldest first, and where it was released from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<TaggedVersion>,
    /// Tags of which no version was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadTags>,
    /// The packages whose releases are told apart, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, PackageState>,
    /// The names of Go modules, by package and major version, where they are not those that the catalog tells.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub modules: BTreeMap<String, BTreeMap<String, String>>,
    /// Whether the newest version tag is an annotated one; `None` if there is no version tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotates: Option<bool>,
    /// Whether versions are tagged, and none has a GitHub Release; looked for where people or the project's CI make them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tags_alone: bool,
    /// What it requires of merges.
    #[serde(default)]
    pub rules: MergeRules,
    /// What the fixes bring, as far as it could be seen; looked at where its rules say something of commits or of owners.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixes: BTreeMap<GhsaId, SeenFix>,
    /// The files of each branch that another version changes, looked at where its rules say something of owners.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versioned: BTreeMap<BranchName, BTreeSet<String>>,
}

/// What the fix of an advisory brings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SeenFix {
    /// Its commits, oldest first.
    pub commits: Vec<SeenCommit>,
    /// The files that it changes on each branch, as far as the branch has them or they are new.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<BranchName, BTreeSet<String>>,
}

/// A commit of a fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCommit {
    /// Its message, signed off where the catalog has it signed off.
    pub message: String,
    /// The mail address of its author.
    pub author: String,
}

/// A package with tags or numbers of its own, as it was seen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PackageState {
    /// Every released version, oldest first.
    pub versions: Vec<TaggedVersion>,
    /// What the released branches state, where its number is its own. A branch that does not have it is missing.
    pub stated: BTreeMap<BranchName, Version>,
}

/// A released version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaggedVersion {
    /// The version.
    pub version: Version,
    /// Its tag.
    pub tag: String,
    /// The tag's commit.
    pub commit: CommitId,
    /// Where it was released from.
    pub origin: Origin,
    /// Other tags that name it at other commits, of which nobody has said which was released.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rivals: Vec<RivalTag>,
}

/// A tag that names a version which another one names, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RivalTag {
    /// The tag.
    pub tag: String,
    /// Its commit.
    pub commit: CommitId,
}

/// Where a version was released from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "from", content = "name")]
pub enum Origin {
    /// A supported line or the default branch, whose history holds it.
    Branch(BranchName),
    /// A commit that no branch holds, made for a release of this one.
    Beside(BranchName),
    /// A line that is no longer supported: a branch, or what its versions have in common.
    OldLine(String),
}

impl Origin {
    /// The supported branch whose next release follows the version.
    #[must_use]
    pub fn branch(&self) -> Option<&BranchName> {
        match self {
            Origin::Branch(branch) | Origin::Beside(branch) => Some(branch),
            Origin::OldLine(_) => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Branch(branch) => write!(f, "{branch}"),
            Origin::Beside(branch) => write!(f, "beside {branch}"),
            Origin::OldLine(line) => write!(f, "{line}, not supported"),
        }
    }
}

/// Tags of one form that were not read as versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadTags {
    /// The form, with `N` for numbers: `nightly-N`.
    pub form: String,
    /// One of them.
    pub example: String,
    /// How many there are.
    pub count: usize,
    /// Why, as the rest of the sentence "it …".
    pub because: String,
}

impl fmt::Display for UnreadTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            1 => write!(f, "`{}` {}", self.example, self.because),
            many => write!(f, "{many} tags like `{}`: each {}", self.example, self.because),
        }
    }
}

/// One branch as it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BranchState {
    /// Its head.
    pub head: CommitId,
    /// The version that its files state, or its highest tag where none does; `None` where nothing is released from it.
    pub version: Option<Version>,
    /// The commit of the base that the release file states for it. The version is of this commit then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<CommitId>,
    /// The tag of the newest release of its line, where the branch does not hold that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<String>,
    /// Whether it does not exist yet: its head is where it will begin.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_new: bool,
    /// What the project's own workflows start where its fixes go; `None` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<MatrixState>,
}

impl BranchState {
    /// What is said of a branch that was left behind by its own line.
    #[must_use]
    pub fn lacking(&self) -> Option<String> {
        let tag = self.lacks.as_ref()?;
        Some(format!(
            "`{tag}`, the newest release of its line, is not in the branch: what only that has is not released again"
        ))
    }
}

/// What the project's own workflows start on a branch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MatrixState {
    /// The event whose entries these are; `None` where none starts anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// How many entries there are. Where the catalog wants none, how many start.
    pub entries: usize,
    /// How many of them are run: on the machine of the plan, or by the workers that were there.
    #[serde(default)]
    pub here: usize,
    /// The others, by reason, the most frequent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<EntryShare>,
    /// What the catalog names and the branch does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmatched: Vec<String>,
    /// The workflow files that a review of a pull request starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_review: Vec<String>,
}

/// Entries that are not run for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryShare {
    /// Why.
    pub why: String,
    /// How many there are.
    pub count: usize,
}

/// One advisory as it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdvisoryState {
    /// `triage`, `draft`, `published`, `closed` or `withdrawn`.
    pub state: String,
    /// Its CVE, if it has one.
    pub cve: Option<String>,
    /// Its private fork, if it has one.
    pub private_fork: Option<RepoName>,
}
