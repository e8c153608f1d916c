//! How a release starts and what it leaves behind.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::numbering::{Scheme, Version, version_in_tag};

/// How a release starts and what it leaves behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReleaseRule {
    /// What starts it.
    pub trigger: Trigger,
    /// The tag, with `{version}` in it.
    pub tag: String,
    /// Other forms that tags had in earlier years, with `{version}` in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_tags: Vec<String>,
    /// The files that a complete release has, with `{version}` in them.
    #[serde(default)]
    pub assets: Vec<String>,
}

impl ReleaseRule {
    /// The tag of this version.
    #[must_use]
    pub fn tag_of(&self, version: &Version) -> String {
        self.tag.replace("{version}", &version.to_string())
    }

    /// The version that a tag names; `None` for a tag of something else.
    #[must_use]
    pub fn version_of(&self, tag: &str, scheme: Scheme) -> Option<Version> {
        let forms = std::iter::once(&self.tag).chain(&self.earlier_tags);
        forms.into_iter().find_map(|form| version_in_tag(form, tag, scheme))
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
