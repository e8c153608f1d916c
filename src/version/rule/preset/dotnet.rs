//! .NET: the properties of a project, or of `Directory.Build.props`, that state the version.

use super::AtFile;
use super::at_file::files_at;
use super::xml::leaves;
use crate::numbering::{Scheme, Version};
use crate::version::error::VersionError;
use crate::version::files::{TextFile, TreeReader};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlaces, parse_at, place_name};

/// `Version` and its kin in property groups.
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
        let noun = "a .NET project";
        let read = match &self.0.file {
            Some(file) => stated(files_at(files, file, noun)?)?,
            None => {
                let mut found = Vec::new();
                for file in FILES {
                    if found.is_empty()
                        && let Ok(candidates) = files_at(files, file, noun)
                    {
                        found = stated(candidates)?;
                    }
                }
                found
            }
        };
        let absent = || VersionError::Absent {
            path: self.0.file.clone().unwrap_or_else(|| FILES.join("`, `")),
            expected: "`Version` or `VersionPrefix` in a property group".to_owned(),
        };
        let lead = read.iter().min_by_key(|stated| stated.rank).ok_or_else(absent)?;
        let mut found = VersionPlaces {
            current: lead.version.clone(),
            leader: place_name(&lead.file.path, &lead.file.text, lead.range.start),
            places: Vec::new(),
            standing: Vec::new(),
        };
        for stated in &read {
            match Holds::of(&lead.version, &stated.version) {
                Some(holds) => found.add(&stated.file, stated.range.clone(), holds),
                None if is_fixed(&lead.version, &stated.version) => {}
                None => return Err(found.disagrees(&stated.file, &stated.range)),
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

/// One property that states a version.
struct Stated {
    file: TextFile,
    range: std::ops::Range<usize>,
    version: Version,
    rank: usize,
}

fn stated(files: Vec<TextFile>) -> Result<Vec<Stated>, VersionError> {
    let mut found = Vec::new();
    for file in files {
        for leaf in leaves(&file)? {
            let mut names = leaf.path.rsplit('/');
            let (Some(name), Some("PropertyGroup")) = (names.next(), names.next()) else { continue };
            let Some(rank) = PROPERTIES.iter().position(|property| *property == name) else { continue };
            // What is computed from another property follows by itself.
            if file.text[leaf.range.clone()].contains(['$', '*']) {
                continue;
            }
            let version = parse_at(&file.path, &file.text, &leaf.range, Scheme::Numbers)?;
            found.push(Stated { file: file.clone(), range: leaf.range, version, rank });
        }
    }
    Ok(found)
}

/// An assembly version that stays the same through a major version, so that nobody has to bind again: `13.0.0.0`.
fn is_fixed(leading: &Version, found: &Version) -> bool {
    let mut numbers = found.numbers();
    numbers.next() == leading.numbers().next() && numbers.all(|number| number == "0")
}
