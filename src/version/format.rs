//! What every format of a version in files has to tell.

use super::error::VersionError;
use super::files::TreeReader;
use super::place::VersionPlaces;
use crate::numbering::{Scheme, Version};

/// A form in which a repository states its version.
pub(super) trait VersionFormat {
    /// Every place of the version in this tree. `otherwise` is the scheme of projects whose rule tells none.
    ///
    /// # Errors
    /// A file is missing or malformed, or two places that must agree do not.
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError>;

    /// The version that the tree states.
    ///
    /// # Errors
    /// As [`VersionFormat::places`].
    fn current(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<Version, VersionError> {
        let places = self.places(files, otherwise)?;
        match places.states_nothing() {
            true => Err(VersionError::Between { place: places.leader }),
            false => Ok(places.current),
        }
    }

    /// The scheme of its versions, if the format or the rule's author tells.
    fn scheme(&self) -> Option<Scheme>;

    /// How a program that knows nothing of the format finds the version.
    fn outline(&self) -> Option<Outline>;
}

impl<F: VersionFormat> VersionFormat for &F {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        (**self).places(files, otherwise)
    }

    fn current(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<Version, VersionError> {
        (**self).current(files, otherwise)
    }

    fn scheme(&self) -> Option<Scheme> {
        (**self).scheme()
    }

    fn outline(&self) -> Option<Outline> {
        (**self).outline()
    }
}

/// One file, and expressions whose groups hold the version there, or its numbers in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The file, from the root of the repository; of a glob, the first file that it means.
    pub file: String,
    /// The expressions; `^` and `$` match at lines.
    pub patterns: Vec<String>,
}
