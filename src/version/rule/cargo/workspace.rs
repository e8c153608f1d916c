//! The format: finds every place of the version in a workspace.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::manifest::{DependencyEntry, Manifest};
use super::members::{CargoMember, members};
use crate::numbering::{Scheme, Version};
use crate::version::error::VersionError;
use crate::version::files::{TreeReader, folder, join, open};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, OtherVersions, PinnedRequirement, VersionPlace, VersionPlaces};
use crate::version::toml_file::TomlFile;

/// A Cargo workspace, or a single package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CargoWorkspace {
    /// The root manifest, from the root of the repository.
    pub manifest: String,
    /// The lock file. If it is not named, `Cargo.lock` beside the manifest or in a folder above, if one is in the tree.
    pub lock: Option<String>,
    /// The member whose version is the release's, where the root manifest has none.
    pub package: Option<String>,
    /// What becomes of members whose version is another one.
    pub others: OtherVersions,
    /// Members with a version of their own that stay whatever the rest says: packages that this branch does not
    /// publish.
    pub keep: Vec<String>,
}

impl Default for CargoWorkspace {
    fn default() -> Self {
        CargoWorkspace {
            manifest: "Cargo.toml".into(),
            lock: None,
            package: None,
            others: OtherVersions::default(),
            keep: Vec::new(),
        }
    }
}

impl VersionFormat for CargoWorkspace {
    fn places(&self, files: &dyn TreeReader, _: Scheme) -> Result<VersionPlaces, VersionError> {
        let root = Manifest::open(files, &self.manifest)?;
        let members: Vec<Manifest> = members(files, &root)?.into_values().collect();
        let shared = root.version_at(&["workspace", "package", "version"])?;
        let (current, leader) = self.leading(&root, &members, shared.as_ref().map(|(_, version)| version))?;
        let mut found = VersionPlaces { current, leader, places: Vec::new(), standing: Vec::new() };

        let inherited = shared.as_ref().map(|(_, version)| version.clone());
        if let Some((quoted, version)) = shared
            && let Some(holds) = self.moves(&version, &found.current)
        {
            found.places.push(VersionPlace { path: self.manifest.clone(), range: quoted.range, holds });
        }
        let mut packages = BTreeMap::new();
        for manifest in std::iter::once(&root).chain(&members) {
            self.own_version(manifest, inherited.as_ref(), &mut found, &mut packages)?;
        }
        found.requirements(&root, root.workspace_dependencies()?, &packages);
        for manifest in std::iter::once(&root).chain(&members) {
            found.requirements(manifest, manifest.dependencies()?, &packages);
        }
        let own_lock = self.lock_file(files)?;
        if let Some(lock) = &own_lock {
            found.places.extend(super::lock::places(lock, &packages)?);
        }
        let folders: Vec<&str> = std::iter::once(&root).chain(&members).map(Manifest::folder).collect();
        for outside in super::outside::manifests(files, &folders) {
            found.requirements(&outside.manifest, outside.manifest.workspace_dependencies()?, &packages);
            found.requirements(&outside.manifest, outside.manifest.dependencies()?, &packages);
            let lock = outside.lock.filter(|lock| own_lock.as_ref().is_none_or(|own| own.path != lock.path));
            if let Some(lock) = lock {
                found.places.extend(super::lock::places_outside(&lock, &packages)?);
            }
        }
        Ok(found)
    }

    fn scheme(&self) -> Option<Scheme> {
        Some(Scheme::SemVer)
    }

    fn outline(&self) -> Option<Outline> {
        Some(Outline {
            file: self.manifest.clone(),
            patterns: vec![r#"^version\s*=\s*"([^"]+)""#.to_owned()],
        })
    }
}

impl CargoWorkspace {
    /// The version that is the release's: the workspace's, the root package's, the named member's, or the one
    /// that all members share.
    fn leading(
        &self,
        root: &Manifest,
        members: &[Manifest],
        shared: Option<&Version>,
    ) -> Result<(Version, String), VersionError> {
        let named = |manifest: &Manifest| -> Result<Option<(Version, String)>, VersionError> {
            let own = manifest.version_at(&["package", "version"])?;
            Ok(own.map(|(quoted, version)| {
                let line = manifest.file.line(quoted.range.start);
                (version, format!("`{}` line {line}", manifest.file.path))
            }))
        };
        let absent = |expected: String| VersionError::Absent { path: self.manifest.clone(), expected };
        if let Some(package) = &self.package {
            let member = std::iter::once(root).chain(members).find(|member| member.name() == Some(package));
            let member = member.ok_or_else(|| absent(format!("member named `{package}`")))?;
            if let Some(own) = named(member)? {
                return Ok(own);
            }
        }
        if let Some(shared) = shared {
            return Ok((shared.clone(), format!("`{}`", self.manifest)));
        }
        if let Some(own) = named(root)? {
            return Ok(own);
        }
        let versions: Vec<_> =
            members.iter().map(named).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        match versions.first() {
            Some(first) if versions.iter().all(|other| other.0 == first.0) => Ok(first.clone()),
            _ => Err(absent(
                "version in [workspace.package] or [package], nor one that all members share (name the leading \
                 member with `package`)"
                    .into(),
            )),
        }
    }

    /// How a version changes when the release's does; `None` if it stays.
    fn moves(&self, version: &Version, current: &Version) -> Option<Holds> {
        match self.others {
            _ if version == current => Some(Holds::Whole),
            OtherVersions::NextPatch => version.next_patch().map(Holds::OwnLine),
            OtherVersions::Keep => None,
        }
    }

    /// Records a package, and the place of the version it carries itself.
    fn own_version(
        &self,
        manifest: &Manifest,
        inherited: Option<&Version>,
        found: &mut VersionPlaces,
        packages: &mut BTreeMap<String, CargoMember>,
    ) -> Result<(), VersionError> {
        let Some(name) = manifest.name() else { return Ok(()) };
        let own = manifest.version_at(&["package", "version"])?;
        let inherits = manifest.file.get(&["package", "version", "workspace"]).is_some();
        // A package without a version is never published; Cargo takes it as 0.0.0.
        let version = match &own {
            Some((_, version)) => Some(version),
            None => inherited.filter(|_| inherits),
        };
        let Some(version) = version.cloned() else { return Ok(()) };
        let kept = own.is_some()
            && (self.keep.iter().any(|kept| kept == name)
                || (version != found.current && !is_published(manifest)));
        let moves = if kept { None } else { self.moves(&version, &found.current) };
        let path = manifest.file.path.clone();
        if let (Some((quoted, _)), Some(holds)) = (own, &moves) {
            found.places.push(VersionPlace { path: path.clone(), range: quoted.range, holds: holds.clone() });
        }
        packages.insert(name.to_owned(), CargoMember { version, manifest: path, moves });
        Ok(())
    }

    fn lock_file(&self, files: &dyn TreeReader) -> Result<Option<TomlFile>, VersionError> {
        let noun = "the lock file of the Cargo workspace";
        if let Some(lock) = &self.lock {
            return TomlFile::open(files, lock, noun).map(Some);
        }
        // A member that is looked at by itself has its lock file above it.
        let own = folder(&self.manifest);
        let above = std::iter::successors(Some(own), |at| (!at.is_empty()).then(|| folder(at)));
        for path in above.filter_map(|at| join(at, "Cargo.lock")) {
            if open(files, &path)?.is_some() {
                return TomlFile::open(files, &path, noun).map(Some);
            }
        }
        Ok(None)
    }
}

/// `publish = false` keeps a package out of registries; nobody waits for its next version.
fn is_published(manifest: &Manifest) -> bool {
    manifest.file.get(&["package", "publish"]).and_then(toml_edit::Item::as_bool) != Some(false)
}

impl VersionPlaces {
    /// What a manifest requires of members that move: rewritten if it names the present version in full, else it
    /// has to accept the new one as it is. Only path dependencies count: a member may depend on an older,
    /// published version of its neighbour.
    fn requirements(
        &mut self,
        manifest: &Manifest,
        entries: Vec<DependencyEntry>,
        packages: &BTreeMap<String, CargoMember>,
    ) {
        for entry in entries.into_iter().filter(|entry| entry.folder.is_some()) {
            let (Some(package), Some(quoted)) = (packages.get(&entry.package), entry.requirement) else {
                continue;
            };
            let Some(holds) = &package.moves else { continue };
            let operator = operator_length(&quoted.value);
            let path = manifest.file.path.clone();
            if quoted.value[operator..] == package.version.to_string() {
                let range = quoted.range.start + operator..quoted.range.end;
                self.places.push(VersionPlace { path, range, holds: holds.clone() });
            } else {
                self.standing.push(PinnedRequirement {
                    path,
                    line: manifest.file.line(quoted.range.start),
                    dependency: entry.package,
                    requirement: quoted.value,
                    holds: holds.clone(),
                });
            }
        }
    }
}

/// How many bytes of a requirement come before its number: `=`, `^`, `~`, `>=` and spaces.
pub(in crate::version) fn operator_length(requirement: &str) -> usize {
    requirement.len() - requirement.trim_start_matches(['=', '^', '~', '>', '<', ' ']).len()
}
