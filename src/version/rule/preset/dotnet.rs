//! .NET: the properties of a project, or of `Directory.Build.props`, that state the version.

use std::ops::Range;

use super::AtFile;
use super::at_file::files_at;
use super::xml::{Leaf, leaves};
use crate::numbering::{Scheme, Version};
use crate::version::error::VersionError;
use crate::version::files::{TextFile, TreeReader};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlaces, parse_at, place_name};

/// `Version` and its kin in property groups. MSBuild puts a hyphen and `VersionSuffix` behind `VersionPrefix`.
pub(in crate::version::rule) struct DotNet<'a>(pub(in crate::version::rule) &'a AtFile);

/// The properties, the leading one first.
const PROPERTIES: [&str; 7] = [
    "VersionPrefix",
    "Version",
    "PackageVersion",
    "InformationalVersion",
    "FileVersion",
    "AssemblyFileVersion",
    "AssemblyVersion",
];

const FILES: [&str; 4] =
    ["Directory.Build.props", "src/Directory.Build.props", "*.csproj", "src/**/*.csproj"];

impl VersionFormat for DotNet<'_> {
    fn places(&self, files: &dyn TreeReader, _: Scheme) -> Result<VersionPlaces, VersionError> {
        let projects = self.projects(files)?;
        let read = stated(&projects)?;
        let absent = || VersionError::Absent {
            path: self.0.file.clone().unwrap_or_else(|| FILES.join("`, `")),
            expected: "`Version` or `VersionPrefix` in a property group".to_owned(),
        };
        let lead = read.iter().min_by_key(|stated| stated.rank).ok_or_else(absent)?;
        let suffixes = if lead.rank == 0 { suffixes(&projects)? } else { Vec::new() };
        let mut found = VersionPlaces {
            current: lead.with_suffix(suffixes.first())?,
            leader: place_name(&lead.file.path, &lead.file.text, lead.range.start),
            places: Vec::new(),
            standing: Vec::new(),
        };
        for (file, range) in &suffixes {
            if found.current != lead.with_suffix(Some(&(*file, range.clone())))? {
                return Err(found.disagrees(file, range));
            }
            found.add(file, range.clone(), Holds::Label);
        }
        for stated in &read {
            match Holds::of(&lead.version, &stated.version) {
                Some(Holds::Whole) if stated.rank == 0 && !suffixes.is_empty() => {
                    found.add(stated.file, stated.range.clone(), Holds::Numbers);
                }
                Some(holds) => found.add(stated.file, stated.range.clone(), holds),
                None if is_fixed(&lead.version, &stated.version) => {}
                None => return Err(found.disagrees(stated.file, &stated.range)),
            }
        }
        Ok(found)
    }

    fn scheme(&self) -> Option<Scheme> {
        Some(self.0.scheme.unwrap_or(Scheme::Numbers))
    }

    fn outline(&self) -> Option<Outline> {
        None
    }
}

impl DotNet<'_> {
    /// The named file, or the first of the usual ones of which one states a version.
    fn projects(&self, files: &dyn TreeReader) -> Result<Vec<TextFile>, VersionError> {
        let noun = "a .NET project";
        if let Some(file) = &self.0.file {
            return files_at(files, file, noun);
        }
        for file in FILES {
            let Ok(candidates) = files_at(files, file, noun) else { continue };
            if !stated(&candidates)?.is_empty() {
                return Ok(candidates);
            }
        }
        Ok(Vec::new())
    }
}

/// One property that states a version.
struct Stated<'a> {
    file: &'a TextFile,
    range: Range<usize>,
    version: Version,
    /// Its place among the properties.
    rank: usize,
}

impl Stated<'_> {
    /// The version that is built of it and a suffix.
    fn with_suffix(&self, suffix: Option<&(&TextFile, Range<usize>)>) -> Result<Version, VersionError> {
        let Some((file, range)) = suffix else { return Ok(self.version.clone()) };
        let built = format!("{}-{}", self.version, &file.text[range.clone()]);
        parse_at(&file.path, &built, &(0..built.len()), Scheme::Numbers)
    }
}

fn stated(files: &[TextFile]) -> Result<Vec<Stated<'_>>, VersionError> {
    let mut found = Vec::new();
    for (file, leaf) in properties(files)? {
        let Some(rank) = PROPERTIES.iter().position(|property| leaf.is_called(property)) else { continue };
        let version = parse_at(&file.path, &file.text, &leaf.range, Scheme::Numbers)?;
        found.push(Stated { file, range: leaf.range, version, rank });
    }
    Ok(found)
}

/// Where what makes a pre-release of `VersionPrefix` always stands.
fn suffixes(files: &[TextFile]) -> Result<Vec<(&TextFile, Range<usize>)>, VersionError> {
    let found = properties(files)?.into_iter();
    let suffixes = found.filter(|(_, leaf)| leaf.is_called("VersionSuffix") && !leaf.is_conditional);
    Ok(suffixes.map(|(file, leaf)| (file, leaf.range)).collect())
}

/// The properties of the projects, but for those that are computed from others and follow by themselves.
fn properties(files: &[TextFile]) -> Result<Vec<(&TextFile, Leaf)>, VersionError> {
    let mut found = Vec::new();
    for file in files {
        let leaves = leaves(file)?.into_iter();
        let written = leaves.filter(|leaf| !file.text[leaf.range.clone()].contains(['$', '*']));
        found.extend(written.filter(Leaf::is_property).map(|leaf| (file, leaf)));
    }
    Ok(found)
}

/// An assembly version that stays the same through a major version, so that nobody has to bind again: `13.0.0.0`.
fn is_fixed(leading: &Version, found: &Version) -> bool {
    let mut numbers = found.numbers();
    numbers.next() == leading.numbers().next() && numbers.all(|number| number == "0")
}
