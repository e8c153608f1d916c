//! The scripted CI of a repository: which checks run, and what happens when a release is triggered.

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits;

/// A check that runs on pull requests and on pushes to branches.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckSpec {
    /// The check's name, as protection rules name it.
    pub name: String,
    /// How long it runs.
    #[serde(default, deserialize_with = "limits::delay")]
    #[schemars(with = "String")]
    pub delay: SignedDuration,
    /// How long after the push it becomes visible: "no checks yet" must not count as green.
    #[serde(default, deserialize_with = "limits::delay")]
    #[schemars(with = "String")]
    pub appears: SignedDuration,
    /// What it waits for on a pull request before it begins.
    #[serde(default)]
    pub starts: CheckStart,
    /// How it ends.
    #[serde(default)]
    pub outcome: ScriptedOutcome,
    /// How it ends on what a merge queue is about to merge, where that is not `outcome`.
    pub in_queue: Option<ScriptedOutcome>,
    /// How many attempts on each commit fail before `outcome` holds; a rerun is a new attempt.
    #[serde(default)]
    pub flakes: u32,
    /// Globs of the branches it belongs to: the base of a pull request, or the branch pushed. Empty means all.
    #[serde(default)]
    pub branches: Vec<String>,
}

/// What a check waits for on a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStart {
    /// Nothing: it begins when the pull request is opened or its head moves.
    #[default]
    Push,
    /// Somebody approves the pull request (`on: pull_request_review`). It does not run on pushes to branches.
    Review,
    /// A maintainer lets the workflows of a pull request from a fork run. On any other it begins at once.
    Maintainer,
}

/// How a check ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScriptedOutcome {
    /// Green.
    #[default]
    Success,
    /// Red.
    Failure,
    /// Counts as green.
    Neutral,
    /// Counts as green.
    Skipped,
    /// Counts as red.
    TimedOut,
    /// It stays queued for ever, as in an outage of the runners.
    Stuck,
}

/// What the scripted CI does to release.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseSpec {
    /// What starts it.
    pub trigger: ScriptedTrigger,
    /// Globs of the branches from which releases are made. Empty means all.
    #[serde(default)]
    pub branches: Vec<String>,
    /// The tag's name with `{version}` or its numbers in it, such as `WAMR-{version}` or `REL_{major}_{minor}_{patch}`.
    pub tag: String,
    /// Where the version stands. Without it, in the tag that was pushed.
    #[serde(default)]
    pub version: Option<VersionSpec>,
    /// What is different on single branches.
    #[serde(default)]
    pub lines: Vec<ReleaseLineSpec>,
    /// From the trigger to the tag.
    #[serde(default, deserialize_with = "limits::delay")]
    #[schemars(with = "String")]
    pub delay: SignedDuration,
    /// The GitHub release that is made after the tag, if any.
    pub release: Option<ScriptedRelease>,
    /// What is published to package registries after the tag.
    #[serde(default)]
    pub publish: Vec<PublishSpec>,
    /// How many attempts stop early (see `stops_after`); a rerun of the failed jobs is a new attempt.
    #[serde(default)]
    pub flakes: u32,
    /// How far an attempt that stops early gets.
    #[serde(default)]
    pub stops_after: PipelineStage,
    /// In which form the CI runs.
    #[serde(default)]
    pub pipeline: Pipeline,
}

/// What is different in the releases of one branch.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseLineSpec {
    /// The branch.
    pub branch: String,
    /// The form of its tags.
    pub tag: Option<String>,
    /// The workflow that releases it, where another one is dispatched for the other branches.
    #[serde(default)]
    pub workflow: Option<String>,
    /// Where its version stands.
    pub version: Option<VersionSpec>,
}

impl ReleaseSpec {
    fn line(&self, branch: &str) -> Option<&ReleaseLineSpec> {
        self.lines.iter().find(|line| line.branch == branch)
    }

    /// The form of the tags of a branch.
    #[must_use]
    pub fn tag_on(&self, branch: &str) -> &str {
        self.line(branch).and_then(|line| line.tag.as_deref()).unwrap_or(&self.tag)
    }

    /// The workflow whose dispatch releases a branch.
    #[must_use]
    pub fn workflow_on(&self, branch: &str) -> Option<&str> {
        let ScriptedTrigger::Dispatch { workflow } = &self.trigger else { return None };
        let own = self.line(branch).and_then(|line| line.workflow.as_deref());
        Some(own.unwrap_or(workflow))
    }

    /// The workflows whose dispatch releases one branch or another.
    pub fn workflows(&self) -> impl Iterator<Item = &str> {
        let common = match &self.trigger {
            ScriptedTrigger::Dispatch { workflow } => Some(workflow.as_str()),
            ScriptedTrigger::MergeMarker { .. } | ScriptedTrigger::TagPushed { .. } => None,
        };
        let lines = self.lines.iter().filter(move |_| common.is_some());
        common.into_iter().chain(lines.filter_map(|line| line.workflow.as_deref()))
    }

    /// The forms that tags have on single branches.
    pub fn line_tags(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| line.tag.as_deref())
    }

    /// Where the version of a branch stands.
    #[must_use]
    pub fn version_on(&self, branch: &str) -> Option<&VersionSpec> {
        self.line(branch).and_then(|line| line.version.as_ref()).or(self.version.as_ref())
    }
}

/// What a second dispatch does to the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pipeline {
    /// A second dispatch on the same branch cancels the first that still runs (WAMR's `concurrency` group).
    #[default]
    CancelInProgress,
    /// Both run.
    Independent,
}

/// What starts a release.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ScriptedTrigger {
    /// A dispatched workflow.
    Dispatch {
        /// Its file below `.github/workflows/`.
        workflow: String,
    },
    /// A commit whose message contains `text` arrives on a branch; the branch's new head is tagged, as
    /// Wasmtime's `push-tag.yml` does.
    MergeMarker {
        /// The marker.
        text: String,
    },
    /// A tag that matches `glob` is pushed.
    TagPushed {
        /// The glob.
        glob: String,
    },
}

/// Where the version stands: each pattern's single group, joined.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionSpec {
    /// The file, from the root of the repository; of a glob, the first file that it means.
    pub file: String,
    /// Regular expressions with one group each, or with one in each of their alternatives; `(?mR)` is set.
    pub patterns: Vec<String>,
    /// What joins the groups.
    #[serde(default = "dot")]
    pub joined_by: String,
}

fn dot() -> String {
    ".".to_owned()
}

/// How far a release pipeline gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PipelineStage {
    /// Nowhere.
    #[default]
    Nothing,
    /// The tag is made.
    Tag,
    /// The release is made, without assets.
    Release,
    /// The first half of the assets is there.
    HalfTheAssets,
    /// All assets are there, nothing is published.
    Assets,
}

/// The GitHub release that the CI makes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScriptedRelease {
    /// Its name, with `{version}` and `{tag}`; without it the tag.
    pub name: Option<String>,
    /// From the tag to the release.
    #[serde(default, deserialize_with = "limits::delay")]
    #[schemars(with = "String")]
    pub delay: SignedDuration,
    /// What is uploaded afterwards.
    #[serde(default)]
    pub assets: Vec<AssetSpec>,
}

/// A file of a release: its name with `{version}` and `{tag}`, alone or with the time it takes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AssetSpec {
    /// Uploaded together with the release.
    Name(String),
    /// Uploaded later.
    Timed {
        /// The name.
        name: String,
        /// From the release to the upload.
        #[schemars(with = "String")]
        #[serde(deserialize_with = "limits::delay")]
        delay: SignedDuration,
    },
}

impl AssetSpec {
    /// The asset's name as it is written, with its placeholders.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            AssetSpec::Name(name) | AssetSpec::Timed { name, .. } => name,
        }
    }

    /// From the release to the upload.
    #[must_use]
    pub fn delay(&self) -> SignedDuration {
        match self {
            AssetSpec::Name(_) => SignedDuration::ZERO,
            AssetSpec::Timed { delay, .. } => *delay,
        }
    }
}

/// A package that the CI publishes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishSpec {
    /// Which registry.
    pub ecosystem: RegistryKind,
    /// The package's name there.
    pub name: String,
    /// From the tag to the moment at which the registry shows the version.
    #[serde(default, deserialize_with = "limits::delay")]
    #[schemars(with = "String")]
    pub delay: SignedDuration,
    /// Where its version stands, if its number is its own.
    #[serde(default)]
    pub version: Option<VersionSpec>,
}

/// A package registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegistryKind {
    /// A sparse index, as cargo reads it.
    Cargo,
    /// npm.
    Npm,
    /// The Python Package Index.
    Pypi,
}

impl RegistryKind {
    /// The word in paths and files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            RegistryKind::Cargo => "cargo",
            RegistryKind::Npm => "npm",
            RegistryKind::Pypi => "pypi",
        }
    }
}
