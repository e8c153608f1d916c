//! The files of a tree, as the caller sees them.

use std::collections::BTreeMap;

use super::error::VersionError;

/// Read access to the files of one tree: a commit, a checkout, a map in a test.
///
/// Paths are relative to the root of the repository and separated by `/`.
pub trait TreeReader {
    /// The text of this file; `None` if the tree has no such file or it is not UTF-8.
    fn read(&self, path: &str) -> Option<String>;

    /// The paths of the files that this glob matches, in any order. `*` does not cross a `/`;
    /// [`glob_matches`] decides it for implementations that only have a list.
    fn list(&self, glob: &str) -> Vec<String>;
}

/// One file with its whole new text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Where, from the root of the repository.
    pub path: String,
    /// All of its new text.
    pub content: String,
}

/// Whether `path` matches `glob` as Cargo matches workspace members: `*` and `?` stay inside one folder,
/// `**` crosses folders. A glob that cannot be parsed matches only itself.
#[must_use]
pub fn glob_matches(glob: &str, path: &str) -> bool {
    let options = glob::MatchOptions { require_literal_separator: true, ..Default::default() };
    glob::Pattern::new(glob).map_or(glob == path, |pattern| pattern.matches_with(path, options))
}

impl TreeReader for BTreeMap<String, String> {
    fn read(&self, path: &str) -> Option<String> {
        self.get(path).cloned()
    }

    fn list(&self, glob: &str) -> Vec<String> {
        self.keys().filter(|path| glob_matches(glob, path)).cloned().collect()
    }
}

/// The path `relative` as seen from folder `dir`; `None` if it leaves the repository.
pub(super) fn join(dir: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a file; empty for the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The text of a file that has to be there.
pub(super) fn need(files: &dyn TreeReader, path: &str, expected: &str) -> Result<String, VersionError> {
    files
        .read(path)
        .ok_or_else(|| VersionError::Missing { path: path.to_owned(), expected: expected.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_stays_inside_one_folder() {
        assert!(glob_matches("crates/*/Cargo.toml", "crates/a/Cargo.toml"));
        assert!(!glob_matches("crates/*/Cargo.toml", "crates/a/b/Cargo.toml"));
        assert!(glob_matches("crates/**/Cargo.toml", "crates/a/b/Cargo.toml"));
    }

    #[test]
    fn path_that_leaves_the_repository_is_none() {
        assert_eq!(join("crates/a", "../b").as_deref(), Some("crates/b"));
        assert_eq!(join("", "./crates//a/").as_deref(), Some("crates/a"));
        assert_eq!(join("crates", "../../other"), None);
        assert_eq!(join("crates", "/etc"), None);
    }
}
