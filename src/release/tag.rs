//! What people say of tags that cannot be read, or of which nothing tells where they were released from.

use glob::Pattern;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{BranchName, Login, RepoName};

/// The answer for one tag, or for all tags of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TagAnswer {
    /// The repository.
    pub repo: RepoName,
    /// The tag. Where tags are ignored, `*` in it stands for any letters: `nightly-*`.
    pub name: String,
    /// The version that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The package whose version it is, where a package has tags of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The branch that the version was released from, supported or not, where no history tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<BranchName>,
    /// Why it counts for no version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore: Option<String>,
    /// Who says so. Without it, the release's manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Login>,
}

impl TagAnswer {
    /// Whether it is about all tags of a form. git knows no tag with these letters.
    #[must_use]
    pub fn is_of_a_form(&self) -> bool {
        self.name.contains(['*', '?'])
    }

    /// Those of these tags that it is about.
    pub fn of<'t>(&self, tags: impl Iterator<Item = &'t String>) -> Vec<&'t String> {
        match Pattern::new(&self.name) {
            Ok(form) if self.is_of_a_form() => tags.filter(|tag| form.matches(tag)).collect(),
            _ => tags.filter(|tag| **tag == self.name).collect(),
        }
    }
}
