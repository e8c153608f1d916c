//! Which packages belong to a workspace, found as Cargo finds them.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::Manifest;
use crate::numbering::Version;
use crate::version::error::VersionError;
use crate::version::files::{TreeReader, join};
use crate::version::place::Holds;

/// What is known of a member.
#[derive(Debug)]
pub(super) struct CargoMember {
    pub(super) version: Version,
    pub(super) manifest: String,
    /// How its version changes; `None` if it stays.
    pub(super) moves: Option<Holds>,
}

/// The manifests of all members, by folder. The root package is one of them; a virtual root is not.
///
/// Cargo takes what `workspace.members` names and also every path dependency of a member that lies inside the
/// workspace (The Cargo Book, "The `members` and `exclude` fields"); Wasmtime names only a few of its crates.
pub(super) fn members(
    files: &dyn TreeReader,
    root: &Manifest,
) -> Result<BTreeMap<String, Manifest>, VersionError> {
    let excluded: Vec<String> =
        root.strings(&["workspace", "exclude"]).iter().filter_map(|path| join(root.folder(), path)).collect();
    let shared: BTreeMap<String, Option<String>> =
        root.workspace_dependencies()?.into_iter().map(|entry| (entry.key, entry.folder)).collect();

    let mut waiting = named(files, root)?;
    waiting.extend(neighbours(root, &shared)?);
    let mut found: BTreeMap<String, Manifest> = BTreeMap::new();
    while let Some(folder) = waiting.pop_first() {
        if found.contains_key(&folder) || folder == root.folder() || is_excluded(&folder, &excluded) {
            continue;
        }
        let Ok(manifest) = Manifest::open(files, &manifest_of(&folder)) else {
            // A path dependency that is generated, or a submodule that is not part of the tree.
            continue;
        };
        if manifest.is_root() || manifest.name().is_none() {
            continue;
        }
        waiting.extend(neighbours(&manifest, &shared)?);
        found.insert(folder, manifest);
    }
    Ok(found)
}

/// The folders that `workspace.members` names.
fn named(files: &dyn TreeReader, root: &Manifest) -> Result<BTreeSet<String>, VersionError> {
    let mut folders = BTreeSet::new();
    for member in root.strings(&["workspace", "members"]) {
        let Some(glob) = join(root.folder(), &member) else { continue };
        let manifests = files.list(&manifest_of(&glob));
        let is_glob = member.contains(['*', '?', '[']);
        if manifests.is_empty() && !is_glob && glob != root.folder() {
            return Err(VersionError::Missing {
                path: manifest_of(&glob),
                expected: "a member of the Cargo workspace".into(),
            });
        }
        folders.extend(manifests.iter().map(|path| crate::version::files::folder(path).to_owned()));
    }
    Ok(folders)
}

/// The folders of the path dependencies, directly or through the workspace's table.
fn neighbours(
    manifest: &Manifest,
    shared: &BTreeMap<String, Option<String>>,
) -> Result<Vec<String>, VersionError> {
    let folder_of = |entry: super::manifest::DependencyEntry| {
        if entry.inherits { shared.get(&entry.key).cloned().flatten() } else { entry.folder }
    };
    Ok(manifest.dependencies()?.into_iter().filter_map(folder_of).collect())
}

fn manifest_of(folder: &str) -> String {
    if folder.is_empty() { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") }
}

fn is_excluded(folder: &str, excluded: &[String]) -> bool {
    excluded.iter().any(|path| {
        folder == path || folder.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
    })
}
