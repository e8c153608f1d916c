//! Where toolchains and their caches are below a home directory: what a suite needs of it.

/// Programs and what belongs to them; shown read-only where the kernel allows that.
pub(super) const TOOLS: [&str; 15] = [
    ".rustup",
    ".local/bin",
    ".local/lib",
    ".local/pipx",
    ".local/share/pipx",
    ".local/share/uv",
    ".local/share/mise",
    ".asdf",
    ".nvm",
    ".volta",
    ".pyenv",
    ".rbenv",
    ".sdkman",
    ".opam",
    "go/bin",
];

/// What build tools write to.
pub(super) const CACHES: [&str; 11] = [
    ".cargo",
    "go/pkg",
    ".npm/_cacache",
    ".m2/repository",
    ".gradle/caches",
    ".gradle/wrapper",
    ".cache/pip",
    ".cache/uv",
    ".cache/go-build",
    ".cache/ccache",
    ".cache/sccache",
];

/// Files with tokens in these.
pub(super) const CREDENTIALS: [&str; 2] = [".cargo/credentials", ".cargo/credentials.toml"];
