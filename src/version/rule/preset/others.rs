//! Ecosystems whose form is one line.

use super::PresetForm;
use crate::numbering::Scheme;

/// `project(…, version: '1.2.3')` in `meson.build`.
pub(in crate::version::rule) const MESON: PresetForm = PresetForm {
    files: &["meson.build"],
    scheme: None,
    patterns: &[r"(?s)\bproject[ \t\r\n]*\([^)]*?\bversion[ \t]*:[ \t]*'(?<version>[0-9][^']*)'"],
    dates: &[],
    noun: "a version that `project` is given",
};

/// `@version "1.2.3"` or `version: "1.2.3"` in `mix.exs`.
pub(in crate::version::rule) const MIX: PresetForm = PresetForm {
    files: &["mix.exs"],
    scheme: Some(Scheme::SemVer),
    patterns: &[
        r#"^[ \t]*@version[ \t]+"(?<version>[0-9][^"]*)""#,
        r#"^[ \t]*(?:\[[ \t]*)?(?:app:[ \t]*:\w+,[ \t]*)?version:[ \t]*"(?<version>[0-9][^"]*)""#,
    ],
    dates: &[],
    noun: "a version of the Mix project",
};

/// A file that holds the version and nothing else.
pub(in crate::version::rule) const VERSION_FILE: PresetForm = PresetForm {
    files: &["VERSION", "version.txt", "VERSION.txt", ".version"],
    scheme: None,
    patterns: &[r"\A\s*v?(?<version>[0-9]\S*)\s*\z"],
    dates: &[],
    noun: "a version and nothing else",
};
