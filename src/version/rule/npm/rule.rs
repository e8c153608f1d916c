//! The format: finds every place of the version in a package or a workspace.

use serde::{Deserialize, Serialize};

use super::lines;
use super::lock::{Entry, entries};
use super::members::{NpmMember, members, root_of};
use crate::numbering::{Scheme, Version};
use crate::version::error::VersionError;
use crate::version::files::{TextFile, TreeReader, folder, join, need, open};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{
    Holds, OtherVersions, PinnedRequirement, VersionPlace, VersionPlaces, line_of, parse_at, place_name,
};

/// `version` in `package.json`, in the packages of its workspace that have the same one, in what they require of each
/// other, and in lock files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Npm {
    /// The manifest, from the root of the repository; `lerna.json` where that leads.
    pub manifest: String,
    /// The lock file. If it is not named, those of npm, pnpm, yarn and bun beside the manifest and at the root of the
    /// workspace.
    pub lock: Option<String>,
    /// What becomes of packages of the workspace whose version is another one.
    #[serde(skip_serializing_if = "OtherVersions::is_keep")]
    pub others: OtherVersions,
    /// Packages that stay whatever their version is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
}

impl Default for Npm {
    fn default() -> Self {
        Npm { manifest: "package.json".into(), lock: None, others: OtherVersions::Keep, keep: Vec::new() }
    }
}

/// A package of the workspace, and how its version changes.
struct Moving {
    folder: String,
    name: String,
    version: Version,
    holds: Holds,
}

const LOCKS: [&str; 5] =
    ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

impl VersionFormat for Npm {
    fn places(&self, files: &dyn TreeReader, _: Scheme) -> Result<VersionPlaces, VersionError> {
        let lead = NpmMember::read(need(files, &self.manifest, "a Node package")?)?;
        let range = lead.version.clone().ok_or_else(|| VersionError::Absent {
            path: self.manifest.clone(),
            expected: "`version` at its top".into(),
        })?;
        let text = &lead.file.text;
        let mut found = VersionPlaces {
            current: parse_at(&self.manifest, text, &range, Scheme::SemVer)?,
            leader: place_name(&self.manifest, text, range.start),
            places: vec![VersionPlace { path: lead.file.path.clone(), range, holds: Holds::Whole }],
            standing: Vec::new(),
        };
        let root = root_of(files, &self.manifest).unwrap_or_else(|| lead.folder.clone());
        let members = members(files, &root)?;
        let moving = self.moving(&lead, &root, &members, &found.current);
        found.places.extend(own_places(&members, &moving));
        for member in members.iter().chain([&lead]) {
            for pin in &member.pins {
                found.require(&member.file, &pin.package, pin.range.clone(), &moving, Strictness::Accepts);
            }
        }
        let locks = self.locks(files, &root)?;
        for lock in &locks {
            found.lock(lock, &moving)?;
        }
        for lock in nested(files, &locks) {
            found.nested_lock(&lock, &moving);
        }
        Ok(found)
    }

    fn scheme(&self) -> Option<Scheme> {
        Some(Scheme::SemVer)
    }

    fn outline(&self) -> Option<Outline> {
        Some(Outline {
            file: self.manifest.clone(),
            patterns: vec![r#""version"\s*:\s*"([^"]+)""#.to_owned()],
        })
    }
}

/// The lock files of npm elsewhere in the repository: of examples and docs that take the package from its folder.
fn nested(files: &dyn TreeReader, locks: &[TextFile]) -> Vec<TextFile> {
    let mut paths: Vec<String> =
        ["**/package-lock.json", "**/npm-shrinkwrap.json"].iter().flat_map(|glob| files.list(glob)).collect();
    paths.retain(|path| !path.split('/').any(|part| part == "node_modules"));
    paths.sort();
    let opened = paths.iter().filter_map(|path| open(files, path).ok()?);
    opened.filter(|lock| locks.iter().all(|own| own.path != lock.path)).collect()
}

/// The versions that the manifests state themselves.
fn own_places(members: &[NpmMember], moving: &[Moving]) -> Vec<VersionPlace> {
    let of = |member: &NpmMember| {
        let moving = moving.iter().find(|moving| moving.folder == member.folder)?;
        let range = member.version.clone()?;
        Some(VersionPlace { path: member.file.path.clone(), range, holds: moving.holds.clone() })
    };
    members.iter().filter_map(of).collect()
}

impl Npm {
    /// Which packages move. A package that does not lead the workspace moves alone.
    fn moving(&self, lead: &NpmMember, root: &str, members: &[NpmMember], current: &Version) -> Vec<Moving> {
        let first = Moving {
            folder: lead.folder.clone(),
            name: lead.name.clone(),
            version: current.clone(),
            holds: Holds::Whole,
        };
        let leads = lead.folder == root;
        let others = members.iter().filter(|member| leads && member.folder != lead.folder);
        let other = |member: &NpmMember| {
            let version = Scheme::SemVer.parse(member.version_text()?).ok()?;
            let holds = self.holds(member, &version, current)?;
            Some(Moving { folder: member.folder.clone(), name: member.name.clone(), version, holds })
        };
        std::iter::once(first).chain(others.filter_map(other)).collect()
    }

    fn holds(&self, member: &NpmMember, version: &Version, current: &Version) -> Option<Holds> {
        match self.others {
            _ if self.keep.contains(&member.name) => None,
            _ if version == current => Some(Holds::Whole),
            OtherVersions::NextPatch if !member.is_private => version.next_patch().map(Holds::OwnLine),
            OtherVersions::NextPatch | OtherVersions::Keep => None,
        }
    }

    /// The lock files that are there: the one that is named, or those beside the manifest and at the root.
    fn locks(&self, files: &dyn TreeReader, root: &str) -> Result<Vec<TextFile>, VersionError> {
        if let Some(lock) = &self.lock {
            return Ok(vec![need(files, lock, "the lock file of the Node package")?]);
        }
        let mut found: Vec<TextFile> = Vec::new();
        for at in [folder(&self.manifest), root] {
            for path in LOCKS.iter().filter_map(|lock| join(at, lock)) {
                let lock = open(files, &path)?;
                found.extend(lock.filter(|lock| found.iter().all(|other| other.path != lock.path)));
            }
        }
        Ok(found)
    }
}

/// What a requirement that names another version means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// It has to accept the new one.
    Accepts,
    /// It repeats a manifest, where that was looked at.
    Repeats,
}

impl VersionPlaces {
    fn lock(&mut self, lock: &TextFile, moving: &[Moving]) -> Result<(), VersionError> {
        if !lock.asked.ends_with(".json") && !lock.asked.ends_with("bun.lock") {
            let names: Vec<&str> = moving.iter().map(|moving| moving.name.as_str()).collect();
            for pin in lines::pins(&lock.text, &names) {
                self.require(lock, &pin.package, pin.range, moving, Strictness::Repeats);
            }
            return Ok(());
        }
        for entry in entries(lock)? {
            match entry {
                Entry::NpmPin(pin) => {
                    self.require(lock, &pin.package, pin.range, moving, Strictness::Repeats);
                }
                Entry::Version { folder, range } => {
                    let Some(package) = moving.iter().find(|moving| moving.folder == folder) else {
                        continue;
                    };
                    if lock.text[range.clone()] != *package.version.as_str() {
                        return Err(VersionError::Disagree {
                            line: line_of(&lock.text, range.start),
                            found: lock.text[range].to_owned(),
                            path: lock.path.clone(),
                            other: self.leader.clone(),
                            expected: package.version.to_string(),
                        });
                    }
                    let holds = package.holds.clone();
                    self.places.push(VersionPlace { path: lock.path.clone(), range, holds });
                }
            }
        }
        Ok(())
    }

    /// As [`VersionPlaces::lock`], for a lock file of something else. One that names another version was stale before, and
    /// one that cannot be read is somebody's test case.
    fn nested_lock(&mut self, lock: &TextFile, moving: &[Moving]) {
        for entry in entries(lock).unwrap_or_default() {
            let Entry::Version { folder, range } = entry else { continue };
            let package = moving.iter().find(|moving| moving.folder == folder);
            if let Some(package) =
                package.filter(|package| lock.text[range.clone()] == *package.version.as_str())
            {
                let holds = package.holds.clone();
                self.places.push(VersionPlace { path: lock.path.clone(), range, holds });
            }
        }
    }

    /// A requirement of a package that moves: rewritten if it names the present version.
    fn require(
        &mut self,
        file: &TextFile,
        package: &str,
        range: std::ops::Range<usize>,
        moving: &[Moving],
        strictness: Strictness,
    ) {
        let Some(package) = moving.iter().find(|moving| moving.name == package) else { return };
        let (path, holds) = (file.path.clone(), package.holds.clone());
        let written = &file.text[range.clone()];
        let number = written.trim_start_matches("workspace:").trim_start_matches("npm:");
        let number = number.trim_start_matches(['=', '^', '~', '>', '<', ' ', 'v']);
        if number == package.version.as_str() {
            let range = range.end - number.len()..range.end;
            self.places.push(VersionPlace { path, range, holds });
        } else if strictness == Strictness::Accepts && semver::VersionReq::parse(written).is_ok() {
            self.standing.push(PinnedRequirement {
                path,
                line: line_of(&file.text, range.start),
                dependency: package.name.clone(),
                requirement: written.to_owned(),
                holds,
            });
        }
    }
}
