//! `Cargo.lock`: the entries of the workspace's own packages, and where other entries name them with a version.

use std::collections::BTreeMap;

use toml_edit::{Item, Table};

use super::members::CargoMember;
use crate::version::error::VersionError;
use crate::version::place::{Holds, VersionPlace};
use crate::version::toml_file::TomlFile;

/// The places of the members' versions in a lock file.
///
/// # Errors
/// The lock says another version of a member than its manifest: it is stale, and a build with `--locked` would fail.
pub(super) fn places(
    file: &TomlFile,
    packages: &BTreeMap<String, CargoMember>,
) -> Result<Vec<VersionPlace>, VersionError> {
    let mut places = Vec::new();
    for entry in file.get(&["package"]).and_then(Item::as_array_of_tables).into_iter().flatten() {
        own_entry(file, entry, packages, &mut places)?;
        mentions(file, entry, packages, &mut places)?;
    }
    Ok(places)
}

/// As [`places`], for a lock file outside of the workspace. One that names another version was stale before.
pub(super) fn places_outside(
    file: &TomlFile,
    packages: &BTreeMap<String, CargoMember>,
) -> Result<Vec<VersionPlace>, VersionError> {
    let mut places = Vec::new();
    for entry in file.get(&["package"]).and_then(Item::as_array_of_tables).into_iter().flatten() {
        if let Err(VersionError::Disagree { .. }) = own_entry(file, entry, packages, &mut places) {
            continue;
        }
        mentions(file, entry, packages, &mut places)?;
    }
    Ok(places)
}

/// A `[[package]]` without a source is a member or a path dependency.
fn own_entry(
    file: &TomlFile,
    entry: &Table,
    packages: &BTreeMap<String, CargoMember>,
    places: &mut Vec<VersionPlace>,
) -> Result<(), VersionError> {
    let name = entry.get("name").and_then(Item::as_str).unwrap_or_default();
    let (Some(package), None) = (packages.get(name), entry.get("source")) else { return Ok(()) };
    let Some(written) = entry.get("version").map(|item| file.quoted(item)).transpose()?.flatten() else {
        return Ok(());
    };
    if written.value != package.version.to_string() {
        return Err(VersionError::Disagree {
            path: file.path.clone(),
            line: file.line(written.range.start),
            found: written.value,
            other: format!("`{}`", package.manifest),
            expected: package.version.to_string(),
        });
    }
    if let Some(holds) = &package.moves {
        places.push(VersionPlace { path: file.path.clone(), range: written.range, holds: holds.clone() });
    }
    Ok(())
}

/// `dependencies = ["name 1.2.3"]`: Cargo writes the version only if two packages have the same name, and a
/// source in parentheses only if it is not the workspace's own.
fn mentions(
    file: &TomlFile,
    entry: &Table,
    packages: &BTreeMap<String, CargoMember>,
    places: &mut Vec<VersionPlace>,
) -> Result<(), VersionError> {
    for value in entry.get("dependencies").and_then(Item::as_array).into_iter().flatten() {
        let Some(quoted) = file.quoted_value(value)? else { continue };
        let Some((name, version)) = quoted.value.split_once(' ') else { continue };
        let Some(CargoMember { version: current, moves: Some(holds), .. }) = packages.get(name) else {
            continue;
        };
        if version == current.to_string() {
            let range = quoted.range.start + name.len() + 1..quoted.range.end;
            places.push(VersionPlace { path: file.path.clone(), range, holds: Holds::clone(holds) });
        }
    }
    Ok(())
}
