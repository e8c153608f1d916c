//! The lock files of npm and bun, which are JSON: both state the version of the package, and those of a workspace's.

use std::ops::Range;

use jsonc_parser::ast::Object;

use super::members::{NpmPin, pins};
use crate::version::error::VersionError;
use crate::version::files::{TextFile, join};
use crate::version::rule::json::{string_at, with_root};

/// A version or a requirement in a lock file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// The version of the package in this folder.
    Version { folder: String, range: Range<usize> },
    /// What a package of the workspace requires.
    NpmPin(NpmPin),
}

/// What a lock file says of the packages of the workspace: at its top, and in `packages` (npm 7 and later; the package
/// with the empty name is that of the file's folder) or `workspaces` (bun).
pub(super) fn entries(file: &TextFile) -> Result<Vec<Entry>, VersionError> {
    let root = file.folder();
    with_root(file, |object| {
        let top = string_at(&file.text, object, "version");
        let mut found: Vec<Entry> =
            top.into_iter().map(|range| Entry::Version { folder: root.to_owned(), range }).collect();
        let tables = ["packages", "workspaces"].iter().filter_map(|key| object.get_object(key));
        for (name, package) in tables.flat_map(packages) {
            let Some(at) = join(root, &name).filter(|_| !name.contains("node_modules")) else { continue };
            found.extend(
                string_at(&file.text, package, "version").map(|range| Entry::Version { folder: at, range }),
            );
            found.extend(pins(&file.text, package).into_iter().map(Entry::NpmPin));
        }
        found
    })
}

fn packages<'a>(table: &'a Object<'a>) -> impl Iterator<Item = (String, &'a Object<'a>)> {
    table
        .properties
        .iter()
        .filter_map(|property| Some((property.name.as_str().to_owned(), property.value.as_object()?)))
}
