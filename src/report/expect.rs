//! What a replayed day is expected to come to: the trees that were merged and released then, and known differences.

use serde::Deserialize;

use crate::ids::{BranchName, CommitId, RepoName, TreeId};

/// An `expected.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// One entry a branch.
    #[serde(rename = "target")]
    pub targets: Vec<ExpectedTarget>,
}

/// What was merged into a branch and released from it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownDifference {
    /// The path; `*` for every path that is not named itself.
    pub path: String,
    /// Why it differs.
    pub why: String,
}

/// A path that differs, and the reason if one is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The path.
    pub path: String,
    /// Why it differs; `None` if nobody has explained it.
    pub why: Option<String>,
}

/// Explains differing paths.
#[must_use]
pub fn explained(differing: Vec<String>, known: &[KnownDifference]) -> Vec<Told> {
    let reason = |path: &str| known.iter().find(|known| known.path == path).map(|known| known.why.clone());
    differing.into_iter().map(|path| Told { why: reason(&path).or_else(|| reason("*")), path }).collect()
}

/// The lines about one comparison: equal, or every difference with its reason.
#[must_use]
pub fn lines(what: &str, tree: &TreeId, told: &[Told]) -> Vec<String> {
    if told.is_empty() {
        return vec![format!("    {what} tree {} equals theirs", tree.short())];
    }
    let mut lines = vec![format!("    {what} tree {} differs in {} path(s)", tree.short(), told.len())];
    // One reason may stand for dozens of files: it is told once.
    let mut reasons: Vec<Option<&String>> = told.iter().map(|told| told.why.as_ref()).collect();
    reasons.sort();
    reasons.dedup();
    for reason in reasons {
        let mut paths = told.iter().filter(|told| told.why.as_ref() == reason).map(|told| told.path.as_str());
        let first = paths.next().unwrap_or_default();
        let more = match paths.count() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let why = reason.map_or("NOT EXPLAINED", String::as_str);
        lines.push(format!("      `{first}`{more}: {why}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &str, why: &str) -> KnownDifference {
        KnownDifference { path: path.to_owned(), why: why.to_owned() }
    }

    #[test]
    fn every_difference_is_told_with_its_reason_or_without() {
        let tree: TreeId = "a".repeat(40).parse().unwrap();
        let differing = || vec!["NOTES".to_owned(), "src/a.c".to_owned(), "src/b.c".to_owned()];
        let told = explained(differing(), &[known("NOTES", "told apart")]);
        assert_eq!(
            lines("stacked", &tree, &told),
            [
                "    stacked tree aaaaaaaaaa differs in 3 path(s)",
                "      `src/a.c` and 1 more: NOT EXPLAINED",
                "      `NOTES`: told apart",
            ]
        );
        let told = explained(differing(), &[known("*", "all anew"), known("NOTES", "told apart")]);
        assert!(told.iter().all(|told| told.why.is_some()));
        assert_eq!(told[0].why.as_deref(), Some("told apart"));
        assert_eq!(lines("stacked", &tree, &[]), ["    stacked tree aaaaaaaaaa equals theirs"]);
    }

    #[test]
    fn expectations_of_the_replays_are_read() {
        for name in ["wamr-2.4.2", "wasmtime-2026-08-20"] {
            let path = format!("{}/fixtures/replays/{name}/expected.toml", env!("CARGO_MANIFEST_DIR"));
            let expected: Expected = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            assert!(expected.targets.len() > 1, "{name}");
        }
    }
}
