//! The names that Go modules had in each major version, where they are not those that the catalog and the rule tell.

use std::collections::BTreeMap;

use crate::catalog::{Package, Repo};
use crate::git::{GitError, Store};
use crate::ids::CommitId;
use crate::snapshot::{PackageState, TaggedVersion};

/// The names of the modules of a repository, by package and major version: what `go.mod` says at the newest tag of each. A tag from
/// before there were modules goes by the name without a major version (Go Modules Reference, "Compatibility with non-module
/// repositories"). Only what differs from the catalog's names is told.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn module_names(
    store: &Store,
    repo: &Repo,
    versions: &[TaggedVersion],
    packages: &BTreeMap<String, PackageState>,
) -> Result<BTreeMap<String, BTreeMap<String, String>>, GitError> {
    let mut names = BTreeMap::new();
    for package in repo.packages.iter().filter(|package| package.name_before_majors().is_some()) {
        let own = packages.get(&package.name).map_or(versions, |state| &state.versions);
        let found = names_of(store, &repo.packages, package, own)?;
        if !found.is_empty() {
            names.insert(package.name.clone(), found);
        }
    }
    Ok(names)
}

fn names_of(
    store: &Store,
    all: &[Package],
    package: &Package,
    versions: &[TaggedVersion],
) -> Result<BTreeMap<String, String>, GitError> {
    let mut names = BTreeMap::new();
    let file = package.path.as_ref().map_or("go.mod".to_owned(), |path| format!("{path}/go.mod"));
    for one in newest_of_each_major(versions) {
        let Some(expected) = package.name_among(&one.version, all) else { continue };
        let Some(base) = package.name_before_majors() else { continue };
        let name = match module_in(store, &one.commit, &file)? {
            Some(name) => name,
            // The catalog says it, whatever else the tag lacks.
            None if package.holds(&one.version, all) => continue,
            None => base.to_owned(),
        };
        let is_its_own = name == base || is_later_name(base, &name);
        if let Some(major) = one.version.numbers().next().filter(|_| is_its_own && name != expected) {
            names.insert(major.to_owned(), name);
        }
    }
    Ok(names)
}

fn newest_of_each_major(versions: &[TaggedVersion]) -> Vec<&TaggedVersion> {
    let mut sorted: Vec<&TaggedVersion> = versions.iter().collect();
    sorted.sort_by(|one, other| other.version.cmp(&one.version));
    sorted.dedup_by(|one, other| one.version.numbers().next() == other.version.numbers().next());
    sorted
}

/// What a module calls itself at a commit (Go Modules Reference, "module directive"); `None` without the file.
fn module_in(store: &Store, commit: &CommitId, file: &str) -> Result<Option<String>, GitError> {
    let text = store.read_file_in_tree(&store.tree_of(commit)?, file)?;
    Ok(text.and_then(|text| named_in(&String::from_utf8_lossy(&text))))
}

fn named_in(text: &str) -> Option<String> {
    let name = text.lines().find_map(|line| line.trim().strip_prefix("module "))?;
    let name = name.split("//").next().unwrap_or(name).trim();
    Some(name.trim_matches(['"', '`']).to_owned())
}

/// Whether a module is the one of this name in a later major version.
fn is_later_name(name: &str, module: &str) -> bool {
    let major = module.strip_prefix(name).and_then(|rest| rest.strip_prefix("/v"));
    major.is_some_and(|major| !major.is_empty() && major.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_says_its_own_name() {
        let text = "// x\nmodule example.org/pump/v2 // two\n\ngo 1.21\n";
        assert_eq!(named_in(text).as_deref(), Some("example.org/pump/v2"));
        assert_eq!(named_in("module \"example.org/pump\"\n").as_deref(), Some("example.org/pump"));
        assert_eq!(named_in("go 1.21\n"), None);
        assert!(is_later_name("example.org/pump", "example.org/pump/v2"));
        let others = ["pump", "pump/vapi", "pumps/v2", "pump/v2/x"].map(|name| format!("example.org/{name}"));
        for module in &others {
            assert!(!is_later_name("example.org/pump", module), "{module}");
        }
    }
}
