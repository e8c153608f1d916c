//! Packages that are no members and build on the workspace by its path: `fuzz/`, `examples/`, a tool with a workspace of its
//! own. What they require, and their lock files, name the versions of the members too.

use super::manifest::{DependencyEntry, Manifest};
use super::members::members;
use crate::version::files::{TreeReader, join};
use crate::version::toml_file::TomlFile;

/// A manifest outside of the workspace, and the lock file beside it.
pub(super) struct Outside {
    pub(super) manifest: Manifest,
    pub(super) lock: Option<TomlFile>,
}

/// The manifests that are in none of the folders of the workspace and depend on a package in one of them. What cannot be
/// read is passed over: it is a test case of somebody's, and no package.
pub(super) fn manifests(files: &dyn TreeReader, workspace: &[&str]) -> Vec<Outside> {
    let mut outside = Vec::new();
    for path in files.list("**/Cargo.toml") {
        let Ok(manifest) = Manifest::open(files, &path) else { continue };
        if workspace.contains(&manifest.folder()) || !builds_on(files, &manifest, workspace) {
            continue;
        }
        let lock = join(manifest.folder(), "Cargo.lock");
        let lock = lock.and_then(|path| TomlFile::open(files, &path, "a lock file").ok());
        outside.push(Outside { manifest, lock });
    }
    outside
}

/// Whether the package, or one of its own workspace, depends on one in these folders.
fn builds_on(files: &dyn TreeReader, manifest: &Manifest, workspace: &[&str]) -> bool {
    let leads_there = |manifest: &Manifest| {
        let own = manifest.dependencies().unwrap_or_default();
        let shared = manifest.workspace_dependencies().unwrap_or_default();
        let there =
            |entry: &DependencyEntry| entry.folder.as_deref().is_some_and(|at| workspace.contains(&at));
        own.iter().chain(&shared).any(there)
    };
    leads_there(manifest)
        || (manifest.is_root()
            && members(files, manifest).is_ok_and(|members| {
                members.iter().any(|(at, member)| !workspace.contains(&at.as_str()) && leads_there(member))
            }))
}
