//! Labels, arguments and variables of a Dockerfile that state the version.

use super::PresetForm;

/// `LABEL version=…`, `org.opencontainers.image.version`, `ARG VERSION=…` and `ENV VERSION=…`.
pub(in crate::version::rule) const DOCKERFILE: PresetForm = PresetForm {
    files: &["Dockerfile", "Containerfile", "docker/Dockerfile"],
    scheme: None,
    patterns: &[
        r#"^[ \t]*(?:LABEL[ \t]+)?(?:[^#\r\n]*[ \t])?"?(?:org\.opencontainers\.image\.|org\.label-schema\.)?version"?[ \t]*=[ \t]*["']?v?(?<version>[0-9][^"'\s\\]*)"#,
        r#"^[ \t]*(?:ARG|ENV)[ \t]+VERSION[= \t]+["']?v?(?<version>[0-9][^"'\s\\]*)"#,
    ],
    dates: &[],
    noun: "a label with the version",
};
