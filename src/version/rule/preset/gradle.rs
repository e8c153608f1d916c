//! Gradle: `gradle.properties`, or the top of a build script.

use super::PresetForm;
use crate::numbering::Scheme;

/// A property `version` or `VERSION_NAME`; in a script, what is assigned to `version` outside of any block, or
/// for all projects of a build.
pub(in crate::version::rule) const GRADLE: PresetForm = PresetForm {
    files: &["gradle.properties", "build.gradle.kts", "build.gradle"],
    scheme: Some(Scheme::Maven),
    patterns: &[
        r"^(?:version|VERSION_NAME|projectVersion)[ \t]*[=:][ \t]*(?<version>[0-9][^\s'\x22#]*)[ \t]*\r?$",
        r#"^(?:project\.)?version[ \t]*=?[ \t]*['"](?<version>[^'"$\r\n]+)['"]"#,
        r#"^(?:allprojects|subprojects)[ \t]*\{(?:(?:[^{}]|\{[^{}]*\})*?[\n;])?[ \t]*(?:project\.)?version[ \t]*=?[ \t]*['"](?<version>[^'"$\r\n]+)['"]"#,
    ],
    dates: &[],
    noun: "a version of the Gradle project",
};
