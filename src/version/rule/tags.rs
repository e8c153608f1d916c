//! The version is the tag and stands in no file: Go modules, `setuptools_scm`, `hatch-vcs`, Composer packages.

use serde::{Deserialize, Serialize};

use crate::numbering::{Scheme, Version};
use crate::version::error::VersionError;
use crate::version::files::TreeReader;
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::VersionPlaces;

/// A version that no file states: the highest tag of a branch is its version, and a release raises no file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tags {
    /// The scheme of the versions. If it is not stated, that of the package's ecosystem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
}

impl VersionFormat for Tags {
    fn places(&self, _: &dyn TreeReader, _: Scheme) -> Result<VersionPlaces, VersionError> {
        Err(VersionError::InNoFile)
    }

    fn current(&self, _: &dyn TreeReader, _: Scheme) -> Result<Version, VersionError> {
        Err(VersionError::InNoFile)
    }

    fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    fn outline(&self) -> Option<Outline> {
        None
    }
}
