//! Which files' conflicts are noise: they stop a pick, but nothing about the vulnerability is decided in them.

use crate::path_glob::PathGlob;

/// Why a file's conflict is noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noise {
    /// A test or its expected output.
    Test,
    /// A lock file, which a command regenerates.
    LockFile,
    /// Someone else's code, kept here by copying, or the records about it.
    Vendored,
    /// Release notes or a changelog.
    ReleaseNotes,
    /// The project's continuous integration.
    Ci,
    /// Documentation.
    Docs,
    /// A file that the repository's catalog names.
    Named,
}

/// What one repository adds to the names that are noise everywhere.
///
/// This is about conflicts alone. Whether a branch is affected is judged by the built-in names: a glob that spares
/// people work on generated code must not take away evidence that a branch has the vulnerable text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoiseRules {
    named: Vec<PathGlob>,
    lock_files: Vec<String>,
}

impl NoiseRules {
    /// Rules that add the files that these globs mean.
    #[must_use]
    pub fn new(named: Vec<PathGlob>) -> NoiseRules {
        NoiseRules { named, lock_files: Vec::new() }
    }

    /// The same rules with these lock files, whatever their names are.
    #[must_use]
    pub fn with_lock_files(mut self, files: Vec<String>) -> NoiseRules {
        self.lock_files = files;
        self
    }

    /// What kind of noise a conflict in this file is; `None` for a file that matters. What its name says already goes
    /// before the catalog, which could only say that it is noise.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<Noise> {
        if self.lock_files.iter().any(|file| file == path) {
            return Some(Noise::LockFile);
        }
        let named = || self.named.iter().any(|glob| glob.matches(path)).then_some(Noise::Named);
        Noise::of(path).or_else(named)
    }
}

const LOCK_FILES: &[&str] = &[
    "cargo.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "uv.lock",
    "pipfile.lock",
    "go.sum",
    "gemfile.lock",
    "composer.lock",
    "flake.lock",
    "imports.lock",
    "audits.toml",
];

const RELEASE_NOTES: &[&str] =
    &["release", "releases", "release_notes", "release-notes", "changelog", "changes", "news", "history"];

const TEST_DIRECTORIES: &[&str] = &[
    "test",
    "tests",
    "testing",
    "testdata",
    "filetests",
    "testsuite",
    "test-suite",
    "fuzz",
    "spec",
    "__tests__",
];
const VENDOR_DIRECTORIES: &[&str] = &["vendor", "third_party", "third-party", "node_modules", "supply-chain"];
const CI_DIRECTORIES: &[&str] = &[".github", ".circleci", ".gitlab", ".ci", "ci"];
const DOC_DIRECTORIES: &[&str] = &["doc", "docs", "documentation"];
const DOC_ENDINGS: &[&str] = &["md", "rst", "adoc"];
const CI_FILES: &[&str] =
    &[".gitlab-ci.yml", ".travis.yml", "appveyor.yml", "azure-pipelines.yml", "jenkinsfile"];

impl Noise {
    /// What kind of noise a conflict in this file is; `None` for a file that matters.
    #[must_use]
    pub fn of(path: &str) -> Option<Noise> {
        let path = path.to_ascii_lowercase();
        let (directories, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let under = |list: &[&str]| directories.split('/').any(|part| list.contains(&part));
        if LOCK_FILES.contains(&name) {
            Some(Noise::LockFile)
        } else if under(VENDOR_DIRECTORIES) {
            Some(Noise::Vendored)
        } else if RELEASE_NOTES.contains(&stem)
            && (DOC_ENDINGS.contains(&ending) || matches!(ending, "" | "txt"))
        {
            Some(Noise::ReleaseNotes)
        } else if under(CI_DIRECTORIES) || CI_FILES.contains(&name) {
            Some(Noise::Ci)
        } else if under(TEST_DIRECTORIES) || is_test_file(stem) {
            Some(Noise::Test)
        } else if under(DOC_DIRECTORIES) || DOC_ENDINGS.contains(&ending) {
            Some(Noise::Docs)
        } else {
            None
        }
    }
}

fn is_test_file(stem: &str) -> bool {
    stem == "tests"
        || stem == "test"
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with(".test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_adds_to_what_is_noise_and_takes_nothing_away() {
        let rules = NoiseRules::new(vec!["*.snap".parse().unwrap(), "src/generated/".parse().unwrap()])
            .with_lock_files(vec!["deps/pinned.json".to_owned()]);
        assert_eq!(rules.of("src/look/a.snap"), Some(Noise::Named));
        assert_eq!(rules.of("src/generated/tables.rs"), Some(Noise::Named));
        assert_eq!(rules.of("tests/a.snap"), Some(Noise::Test));
        assert_eq!(rules.of("deps/pinned.json"), Some(Noise::LockFile));
        assert_eq!(rules.of("src/generator.rs"), None);
    }

    #[test]
    fn noise_is_told_by_the_path() {
        assert_eq!(Noise::of("RELEASES.md"), Some(Noise::ReleaseNotes));
        assert_eq!(Noise::of("Cargo.lock"), Some(Noise::LockFile));
        assert_eq!(Noise::of("supply-chain/config.toml"), Some(Noise::Vendored));
        assert_eq!(Noise::of("cranelift/filetests/filetests/isa/x64/a.clif"), Some(Noise::Test));
        assert_eq!(Noise::of("libcontainer/rootfs_linux_test.go"), Some(Noise::Test));
        assert_eq!(Noise::of("crates/wasi/src/host/io.rs"), None);
        assert_eq!(Noise::of("core/iwasm/common/changes.c"), None);
    }
}
