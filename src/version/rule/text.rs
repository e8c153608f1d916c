//! Text with placeholders: `version = "{version}"`, `VERSION_MINOR {minor}`, as it stands in a file.

use std::ops::Range;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::preset::{check_count, files_at};
use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::{TextFile, TreeReader};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlaces, line_of, parse_at, place_name};

/// Text that states the version, or numbers of it, as often as the catalog says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Text {
    /// The file, from the root of the repository, or a glob for several.
    pub file: String,
    /// The text, with `{version}`, or with `{major}`, `{minor}` and `{patch}`, in it. Everything else stands for itself.
    pub text: String,
    /// How often it stands there.
    #[serde(default = "once")]
    pub count: usize,
    /// The scheme of the versions. If it is not stated, that of the package's ecosystem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
}

fn once() -> usize {
    1
}

const PLACEHOLDERS: [(&str, &str, Holds); 4] = [
    ("{version}", "(?<version>[0-9][0-9A-Za-z.!_+-]*[0-9A-Za-z]|[0-9])", Holds::Whole),
    ("{major}", "(?<major>[0-9]+)", Holds::Number(0)),
    ("{minor}", "(?<minor>[0-9]+)", Holds::Number(1)),
    ("{patch}", "(?<patch>[0-9]+)", Holds::Number(2)),
];

impl Text {
    fn pattern(&self) -> Result<Regex, VersionError> {
        let mut pattern = regex::escape(&self.text);
        for (placeholder, group, _) in &PLACEHOLDERS {
            pattern = pattern.replacen(&regex::escape(placeholder), group, 1);
        }
        let wrong = |problem: String| VersionError::Rule { problem };
        if !PLACEHOLDERS.iter().any(|(placeholder, ..)| self.text.contains(placeholder)) {
            return Err(wrong(format!("`{}` holds no `{{version}}` and no `{{major}}`", self.text)));
        }
        Regex::new(&pattern).map_err(|error| wrong(format!("`{}` cannot be looked for: {error}", self.text)))
    }

    /// What one match states, in the order of the numbers.
    fn spots(found: &regex::Captures<'_>) -> Vec<(Range<usize>, Holds)> {
        let spot = |(placeholder, _, holds): &(&str, &str, Holds)| {
            Some((found.name(placeholder.trim_matches(['{', '}']))?.range(), holds.clone()))
        };
        PLACEHOLDERS.iter().filter_map(spot).collect()
    }

    fn stated(
        file: &TextFile,
        spots: &[(Range<usize>, Holds)],
        scheme: Scheme,
    ) -> Result<VersionPlaces, VersionError> {
        let start = spots.first().map_or(0, |(range, _)| range.start);
        let leader = place_name(&file.path, &file.text, start);
        let whole = spots.iter().find(|(_, holds)| *holds == Holds::Whole);
        let current = match whole {
            Some((range, _)) => parse_at(&file.path, &file.text, range, scheme)?,
            None => {
                let numbers: Vec<&str> = spots.iter().map(|(range, _)| &file.text[range.clone()]).collect();
                Scheme::Numbers.parse(&numbers.join(".")).map_err(|error| VersionError::Malformed {
                    path: file.path.clone(),
                    line: line_of(&file.text, start),
                    found: error.value,
                    expected: scheme.noun().to_owned(),
                })?
            }
        };
        let mut places = VersionPlaces { current, leader, places: Vec::new(), standing: Vec::new() };
        for (range, holds) in spots {
            places.add(file, range.clone(), holds.clone());
        }
        Ok(places)
    }
}

impl VersionFormat for Text {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        let pattern = self.pattern()?;
        let scheme = self.scheme.unwrap_or(otherwise);
        let read = files_at(files, &self.file, "a text with the version")?;
        let mut all: Option<VersionPlaces> = None;
        let mut lines = Vec::new();
        for file in &read {
            for found in pattern.captures_iter(&file.text) {
                let spots = Text::spots(&found);
                lines.push(line_of(&file.text, spots.first().map_or(0, |(range, _)| range.start)));
                let next = Text::stated(file, &spots, scheme)?;
                match &mut all {
                    None => all = Some(next),
                    Some(first) if first.current == next.current => first.places.extend(next.places),
                    Some(first) => {
                        let at = spots.first().map_or(0..0, |(range, _)| range.clone());
                        return Err(first.disagrees(file, &at));
                    }
                }
            }
        }
        check_count(Some(self.count), &self.file, &lines)?;
        all.ok_or_else(|| VersionError::Absent {
            path: self.file.clone(),
            expected: format!("`{}`", self.text),
        })
    }

    fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    fn outline(&self) -> Option<Outline> {
        let pattern =
            regex::escape(&self.text).replace(&regex::escape("{version}"), "([0-9][0-9A-Za-z.!_+-]*)");
        self.text.contains("{version}").then(|| Outline { file: self.file.clone(), patterns: vec![pattern] })
    }
}
