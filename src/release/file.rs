//! The whole file.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::advisory::Advisory;
use super::check::{ReleaseCheck, check_id};
use super::fix::PatchTexts;
use crate::catalog::Catalog;
use crate::ids::{GhsaId, Login};
use crate::input::{InputError, Source};

/// Everything that stands in `release.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Release {
    /// A short name for branches, mails and reports. It becomes public: let it tell nothing.
    pub id: String,
    /// What is released, for people on the private side.
    pub title: String,
    /// The incident manager.
    pub manager: Login,
    /// A built-in workflow (`github`, `wamr`, `wasmtime`), or the path of one.
    pub workflow: String,
    /// The announced hour at which the embargo ends.
    #[schemars(with = "String")]
    pub disclosure: Timestamp,
    /// Who may approve the gates. Empty: every maintainer of the catalog.
    #[serde(default)]
    pub approvers: Vec<Login>,
    /// The advisories, in the order in which their fixes are stacked.
    #[serde(rename = "advisory")]
    pub advisories: Vec<Advisory>,
}

impl Release {
    /// Reads a release file and checks it against its catalog; gives the texts of its patch files too.
    ///
    /// # Errors
    /// With the place: an unknown key, a repository or branch that is not in the catalog, a fix from two places or
    /// none, a missing patch file, a severity beside a vector.
    pub fn load(source: &Source, catalog: &Catalog) -> Result<(Release, PatchTexts), InputError> {
        let release: Release = source.parse()?;
        check_id(source, &release.id)?;
        let patches = ReleaseCheck { source, catalog }.advisories(&release.advisories)?;
        Ok((release, patches))
    }

    /// An advisory by its id.
    #[must_use]
    pub fn advisory(&self, id: &GhsaId) -> Option<&Advisory> {
        self.advisories.iter().find(|advisory| advisory.id == *id)
    }
}
