//! The rule that every preset is: files, expressions, and how often they match.

use std::ops::Range;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::{TextFile, TreeReader, need, open};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{VersionPlaces, agreeing};

/// Where a version of a known form stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AtFile {
    /// The file, from the root of the repository, or a glob for several; if not given, where everybody has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How often the version stands there. Another count is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// The scheme of the versions, if it is not that of the ecosystem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
}

/// What everybody of an ecosystem does.
pub(in crate::version::rule) struct PresetForm {
    /// The files in which the version may stand, the first one that has it; globs.
    pub(super) files: &'static [&'static str],
    /// The scheme, if the ecosystem has one.
    pub(super) scheme: Option<Scheme>,
    /// Expressions with the group `version`; `^` and `$` match at lines.
    pub(super) patterns: &'static [&'static str],
    /// Places of the release's date, in the group `date`.
    pub(super) dates: &'static [&'static str],
    /// What is looked for, as a noun phrase.
    pub(super) noun: &'static str,
}

/// A form at the files of a catalog.
pub(in crate::version::rule) struct Preset<'a> {
    pub(in crate::version::rule) form: &'static PresetForm,
    pub(in crate::version::rule) at: &'a AtFile,
}

impl Preset<'_> {
    fn files(&self, files: &dyn TreeReader) -> Result<Vec<TextFile>, VersionError> {
        if let Some(file) = &self.at.file {
            return files_at(files, file, self.form.noun);
        }
        let expected = format!("{} (name the file with `file`)", self.form.noun);
        let mut without = Vec::new();
        for candidate in self.form.files {
            let states =
                |file: &TextFile| !self.matches(&file.text, self.form.patterns, "version").is_empty();
            let (found, others): (Vec<TextFile>, _) = listed(files, candidate)?.into_iter().partition(states);
            if !found.is_empty() {
                return Ok(found);
            }
            without.extend(others.into_iter().map(|file| file.path));
        }
        Err(if without.is_empty() {
            VersionError::Missing { path: self.form.files.join("`, `"), expected }
        } else {
            // What is looked for is not there, in any of them.
            let expected = expected.trim_start_matches("a ").to_owned();
            VersionError::Absent { path: without.join("`, `"), expected }
        })
    }

    fn matches(&self, text: &str, patterns: &[&str], group: &str) -> Vec<Range<usize>> {
        let ranges = |pattern: &&str| -> Vec<Range<usize>> {
            let Some(pattern) = expression(pattern) else { return Vec::new() };
            pattern.captures_iter(text).filter_map(|found| Some(found.name(group)?.range())).collect()
        };
        let mut found: Vec<Range<usize>> = patterns.iter().flat_map(ranges).collect();
        found.sort_by_key(|range| range.start);
        found.dedup();
        found
    }
}

/// The files that a catalog names: one that has to be there, or a glob that has to match.
pub(in crate::version::rule) fn files_at(
    files: &dyn TreeReader,
    path: &str,
    noun: &str,
) -> Result<Vec<TextFile>, VersionError> {
    if !path.contains(['*', '?', '[']) {
        return Ok(vec![need(files, path, noun)?]);
    }
    let found = listed(files, path)?;
    if found.is_empty() {
        return Err(VersionError::Missing { path: path.to_owned(), expected: noun.to_owned() });
    }
    Ok(found)
}

fn listed(files: &dyn TreeReader, glob: &str) -> Result<Vec<TextFile>, VersionError> {
    let mut paths = files.list(glob);
    paths.sort();
    let mut found: Vec<TextFile> = Vec::new();
    for path in paths {
        found.extend(open(files, &path)?.filter(|file| found.iter().all(|other| other.path != file.path)));
    }
    Ok(found)
}

fn expression(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).multi_line(true).crlf(true).build().ok()
}

/// Refuses another count of places than the catalog states.
pub(in crate::version::rule) fn check_count(
    wanted: Option<usize>,
    path: &str,
    lines: &[usize],
) -> Result<(), VersionError> {
    match wanted {
        Some(wanted) if wanted != lines.len() => {
            Err(VersionError::Count { path: path.to_owned(), wanted, lines: lines.to_vec() })
        }
        _ => Ok(()),
    }
}

impl VersionFormat for Preset<'_> {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        let scheme = self.scheme().unwrap_or(otherwise);
        let found = self.files(files)?;
        let spots: Vec<(&TextFile, Range<usize>)> = found
            .iter()
            .flat_map(|file| {
                let ranges = self.matches(&file.text, self.form.patterns, "version");
                ranges.into_iter().map(move |range| (file, range))
            })
            .collect();
        let name = found.first().map_or("", |file| file.path.as_str());
        let lines: Vec<usize> = spots
            .iter()
            .map(|(file, range)| crate::version::place::line_of(&file.text, range.start))
            .collect();
        check_count(self.at.count, name, &lines)?;
        let mut places = agreeing(&spots, scheme).ok_or_else(|| VersionError::Absent {
            path: name.to_owned(),
            expected: self.form.noun.trim_start_matches("a ").to_owned(),
        })??;
        for file in &found {
            places.dates(file, self.matches(&file.text, self.form.dates, "date"));
        }
        Ok(places)
    }

    fn scheme(&self) -> Option<Scheme> {
        self.at.scheme.or(self.form.scheme)
    }

    fn outline(&self) -> Option<Outline> {
        let file = self.at.file.as_deref().unwrap_or(self.form.files.first()?);
        let patterns: Vec<String> =
            self.form.patterns.iter().map(|pattern| pattern.replace("?<version>", "")).collect();
        Some(Outline { file: file.to_owned(), patterns: vec![patterns.join("|")] })
    }
}
