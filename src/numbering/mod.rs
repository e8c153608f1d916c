//! How projects number their releases: what a version is, which of two is newer, which comes next, what a tag names.
//!
//! GROUND: uses nothing else of the crate. Where a version stands in the files of a repository is the business of the
//! room `version`; here is only the text.

mod dotted;
mod gem;
mod maven;
mod next;
mod parts;
mod range;
mod scheme;
mod tag;
mod version;

pub use next::Raise;
pub use range::{VersionRange, ranges};
pub use scheme::Scheme;
pub use tag::{tag_of_version, text_in_tag, version_at_end, version_in_tag, version_in_usual_tag};
pub use version::{Version, names_development, usual_length};

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) use version::semver;
