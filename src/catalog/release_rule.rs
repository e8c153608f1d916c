//! How a release starts and what it leaves behind.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::github_release::{GitHubReleaseRule, GitHubReleases};
use super::tag_form::TagForm;
use crate::ids::BranchName;
use crate::numbering::{Scheme, Version, tag_of_version, version_in_tag};

/// How a release starts and what it leaves behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReleaseRule {
    /// What starts it.
    pub trigger: Trigger,
    /// The tag, with `{version}` in it, or with its numbers: `REL_{major}_{minor}_{patch}`.
    pub tag: String,
    /// More tags of the same release, at the same commit, with `{version}`, `{major}`, `{minor}` and `{patch}` in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagForm>,
    /// Other forms that tags had in earlier years, with `{version}` or its numbers in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_tags: Vec<String>,
    /// The files that a complete release has, with `{version}` in them.
    #[serde(default)]
    pub assets: Vec<String>,
    /// The GitHub Release: `"lockgate"` or a table where Lockgate makes it, `"none"` where a release is its tag and nothing
    /// else. If it is not stated, the project's CI or people make it.
    #[serde(
        default,
        deserialize_with = "GitHubReleases::from_file",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(schema_with = "GitHubReleases::schema")]
    pub github_release: Option<GitHubReleases>,
    /// Which kind of tag is pushed, where Lockgate pushes it. If it is not stated: as the newest of the earlier ones, and
    /// annotated if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_kind: Option<TagKind>,
    /// What an annotated tag says, with `{version}`, `{tag}` and `{project}` in it. If it is not stated: project and
    /// version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_message: Option<String>,
    /// Whether the tag is signed, with git's own configuration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sign_tags: bool,
}

/// Which kind of tag is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TagKind {
    /// An object of its own, with a tagger and a message; `git describe` goes by these.
    Annotated,
    /// A name for the commit.
    Lightweight,
}

impl ReleaseRule {
    /// The plainest rule with this trigger, for tests.
    #[cfg(test)]
    pub(crate) fn started_by(trigger: Trigger) -> ReleaseRule {
        ReleaseRule {
            trigger,
            tag: "v{version}".into(),
            tags: Vec::new(),
            earlier_tags: Vec::new(),
            assets: Vec::new(),
            github_release: None,
            tag_kind: None,
            tag_message: None,
            sign_tags: false,
        }
    }

    /// The GitHub Release that Lockgate makes, if it makes one.
    #[must_use]
    pub fn made_release(&self) -> Option<&GitHubReleaseRule> {
        self.github_release.as_ref().and_then(GitHubReleases::made)
    }

    /// Whether a release is its tag and nothing else.
    #[must_use]
    pub fn is_tag_alone(&self) -> bool {
        self.github_release == Some(GitHubReleases::TagAlone)
    }

    /// The marker that a commit must carry to start a release.
    #[must_use]
    pub fn marker(&self) -> Option<&str> {
        match &self.trigger {
            Trigger::MergeMarker(marker) => Some(marker),
            Trigger::Dispatch(_) | Trigger::PushTag => None,
        }
    }

    /// The workflow whose dispatch starts a release.
    #[must_use]
    pub fn dispatched(&self) -> Option<&str> {
        match &self.trigger {
            Trigger::Dispatch(workflow) => Some(workflow),
            Trigger::MergeMarker(_) | Trigger::PushTag => None,
        }
    }

    /// The tag of this version.
    #[must_use]
    pub fn tag_of(&self, version: &Version) -> String {
        tag_of_version(&self.tag, version.as_str())
    }

    /// The other tags of this version, released from this branch.
    #[must_use]
    pub fn more_tags_of(&self, version: &Version, branch: &BranchName) -> Vec<String> {
        self.tags.iter().filter(|form| form.is_of(branch)).map(|form| form.of(version)).collect()
    }

    /// The version that a tag names; `None` for a tag of something else.
    #[must_use]
    pub fn version_of(&self, tag: &str, scheme: Scheme) -> Option<Version> {
        let forms = std::iter::once(&self.tag).chain(&self.earlier_tags);
        forms.into_iter().find_map(|form| version_in_tag(form, tag, scheme))
    }

    /// What the annotated tag of this version says.
    #[must_use]
    pub fn tag_message_of(&self, project: &str, tag: &str, version: &Version) -> String {
        let template = self.tag_message.as_deref().unwrap_or("{project} {version}");
        let filled = template.replace("{tag}", tag).replace("{project}", project);
        filled.replace("{version}", &version.to_string())
    }

    /// The assets of this version.
    #[must_use]
    pub fn assets_of(&self, version: &Version) -> Vec<String> {
        self.assets.iter().map(|asset| asset.replace("{version}", &version.to_string())).collect()
    }
}

/// What starts a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Dispatching this workflow file on the branch.
    Dispatch(String),
    /// Merging a bump whose commit message holds this marker.
    MergeMarker(String),
    /// Pushing the tag; Lockgate does it.
    PushTag,
}
