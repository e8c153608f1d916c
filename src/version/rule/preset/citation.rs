//! `CITATION.cff` (Citation File Format 1.2): the version, and the day on which it is released.

use super::PresetForm;

/// `version` and `date-released`, both at the top level.
pub(in crate::version::rule) const CITATION: PresetForm = PresetForm {
    files: &["CITATION.cff"],
    scheme: None,
    patterns: &[r#"^version:[ \t]*['"]?v?(?<version>[0-9][^'"\s#]*)"#],
    dates: &[r#"^date-released:[ \t]*['"]?(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"#],
    noun: "a version of the work",
};
