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

/// Where Cargo keeps its cache, beside its settings and what it installed.
pub(super) const CARGO: &str = ".cargo";

/// What of that is a cache, with what keeps two that write to it apart.
pub(super) const SHARED: [&str; 4] = ["registry", "git", ".package-cache", ".package-cache-mutate"];

/// What build tools write to.
pub(super) const CACHES: [&str; 11] = [
    CARGO,
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
