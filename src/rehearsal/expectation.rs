//! What a replayed day came to: the trees that were merged and released then, and the differences that are understood.

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::ids::{BranchName, CommitId, RepoName, TreeId};
use crate::input::{InputError, Source};

/// An `expected.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// One entry a branch.
    #[serde(rename = "target")]
    pub targets: Vec<ExpectedTarget>,
    /// What was made beside the targets' branches and tags. Where one mail or one advisory is listed, all of them are;
    /// else the mails of the workflow and the advisories of the release file are expected.
    #[serde(default)]
    pub made: Vec<MadeItem>,
}

impl Expectation {
    /// Reads it.
    ///
    /// # Errors
    /// With the place of what cannot be read.
    pub fn read(path: &Path) -> Result<Expectation, InputError> {
        Source::read(path, "expectation")?.parse()
    }
}

/// What kind of thing is made in a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MadeKind {
    /// A branch that was made, moved or deleted.
    Branch,
    /// A tag.
    Tag,
    /// A pull request, by the branch into which it goes.
    PullRequest,
    /// A GitHub Release, by its tag.
    Release,
    /// An advisory that was published.
    Advisory,
    /// A version in a package registry.
    PackageVersion,
    /// A mail, by its subject.
    Mail,
}

impl MadeKind {
    /// The word in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MadeKind::Branch => "branch",
            MadeKind::Tag => "tag",
            MadeKind::PullRequest => "pull-request",
            MadeKind::Release => "release",
            MadeKind::Advisory => "advisory",
            MadeKind::PackageVersion => "package-version",
            MadeKind::Mail => "mail",
        }
    }
}

/// One thing that is made in a release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MadeItem {
    /// What it is.
    pub what: MadeKind,
    /// Where: the repository, `cargo/NAME` or `npm/NAME` or `pypi/NAME` of a package, the step that sends a mail.
    pub of: String,
    /// Its name there.
    pub name: String,
}

/// What was merged into a branch and released from it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpectedTarget {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub branch: BranchName,
    /// Its head on the day before.
    pub base: CommitId,
    /// The commit after which it had every fix.
    pub merged: CommitId,
    /// The tree of that commit.
    pub merged_tree: TreeId,
    /// The tagged commit.
    #[serde(default)]
    pub released: Option<CommitId>,
    /// The tree of that commit.
    #[serde(default)]
    pub released_tree: Option<TreeId>,
    /// The tag.
    #[serde(default)]
    pub tag: Option<String>,
    /// Where the stacked tree is known to differ from the merged one.
    #[serde(default)]
    pub merged_differs: Vec<KnownDifference>,
    /// Where our released tree is known to differ from theirs.
    #[serde(default)]
    pub released_differs: Vec<KnownDifference>,
}

/// A difference that was looked into.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownDifference {
    /// The path; `*` for every path that has no entry of its own.
    pub path: String,
    /// Why it differs.
    pub why: String,
}

impl KnownDifference {
    /// Why a path differs, if that is known.
    pub(super) fn reason<'a>(known: &'a [KnownDifference], path: &str) -> Option<&'a str> {
        let of = |path: &str| known.iter().find(|known| known.path == path);
        of(path).or_else(|| of("*")).map(|known| known.why.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_with_an_entry_of_its_own_has_its_own_reason() {
        let known = |path: &str, why: &str| KnownDifference { path: path.to_owned(), why: why.to_owned() };
        let named = [known("NOTES", "written by hand")];
        assert_eq!(KnownDifference::reason(&named, "NOTES"), Some("written by hand"));
        assert_eq!(KnownDifference::reason(&named, "src/a.c"), None);
        let all = [known("*", "formatted"), known("NOTES", "written by hand")];
        assert_eq!(KnownDifference::reason(&all, "NOTES"), Some("written by hand"));
        assert_eq!(KnownDifference::reason(&all, "src/a.c"), Some("formatted"));
    }

    #[test]
    fn expectations_of_the_replays_are_read() {
        for name in ["wamr-2.4.2", "wasmtime-2026-08-20"] {
            let path = format!("{}/fixtures/replays/{name}/expected.toml", env!("CARGO_MANIFEST_DIR"));
            let expected = Expectation::read(Path::new(&path)).unwrap();
            assert!(expected.targets.len() > 1, "{name}");
        }
    }
}
