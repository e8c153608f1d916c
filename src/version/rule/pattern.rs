//! Everything else: a regular expression with one named group, `version`.

use std::ops::Range;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::preset::check_count;
use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::{TreeReader, need};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlace, VersionPlaces, line_of, parse_at, place_name};

/// Why an expression cannot serve as a version pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// It does not parse.
    #[error("`{pattern}` is not a regular expression: {message}")]
    Syntax {
        /// The expression.
        pattern: String,
        /// What the parser says.
        message: String,
    },
    /// It has no named group `version`, or another one beside it.
    #[error("`{pattern}` needs exactly one named group, `(?<version>…)`")]
    Groups {
        /// The expression.
        pattern: String,
    },
}

/// A regular expression with exactly one named group, `version`; `^` and `$` match at lines, whichever way these
/// end.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct VersionPattern(Regex);

impl VersionPattern {
    /// The text of the file and the bytes of the group in each match, at least one.
    ///
    /// # Errors
    /// The file is missing, or nothing in it matches.
    pub(in crate::version) fn find(
        &self,
        files: &dyn TreeReader,
        path: &str,
    ) -> Result<(String, Vec<Range<usize>>), VersionError> {
        let text = need(files, path, "a version")?.text;
        let ranges = self.ranges(&text);
        if ranges.is_empty() {
            let expected = format!("match of `{}`", self.0.as_str());
            return Err(VersionError::Absent { path: path.to_owned(), expected });
        }
        Ok((text, ranges))
    }

    fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        self.0
            .captures_iter(text)
            .filter_map(|found| found.name("version"))
            .map(|group| group.range())
            .collect()
    }
}

impl TryFrom<String> for VersionPattern {
    type Error = InvalidPattern;

    fn try_from(pattern: String) -> Result<Self, InvalidPattern> {
        match RegexBuilder::new(&pattern).multi_line(true).crlf(true).build() {
            Err(error) => Err(InvalidPattern::Syntax { message: error.to_string(), pattern }),
            Ok(regex) => {
                let named: Vec<&str> = regex.capture_names().flatten().collect();
                if named == ["version"] {
                    Ok(VersionPattern(regex))
                } else {
                    Err(InvalidPattern::Groups { pattern })
                }
            }
        }
    }
}

impl From<VersionPattern> for String {
    fn from(pattern: VersionPattern) -> String {
        pattern.0.as_str().to_owned()
    }
}

impl PartialEq for VersionPattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for VersionPattern {}

/// A version that is found by a regular expression. Every match must hold the same version; all are rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pattern {
    /// The file, from the root of the repository.
    pub file: String,
    /// The expression.
    pub pattern: VersionPattern,
    /// How often it matches. Another count is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// The scheme of the versions. If it is not stated, that of the package's ecosystem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
}

impl VersionFormat for Pattern {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        let scheme = self.scheme.unwrap_or(otherwise);
        let (text, ranges) = self.pattern.find(files, &self.file)?;
        let lines: Vec<usize> = ranges.iter().map(|range| line_of(&text, range.start)).collect();
        check_count(self.count, &self.file, &lines)?;
        let current = parse_at(&self.file, &text, &ranges[0], scheme)?;
        let leader = place_name(&self.file, &text, ranges[0].start);
        let mut places = Vec::new();
        for range in ranges {
            let version = parse_at(&self.file, &text, &range, scheme)?;
            if version != current {
                return Err(VersionError::Disagree {
                    path: self.file.clone(),
                    line: line_of(&text, range.start),
                    found: version.to_string(),
                    other: leader,
                    expected: current.to_string(),
                });
            }
            places.push(VersionPlace { path: self.file.clone(), range, holds: Holds::Whole });
        }
        Ok(VersionPlaces { current, leader, places, standing: Vec::new() })
    }

    fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    fn outline(&self) -> Option<Outline> {
        Some(Outline { file: self.file.clone(), patterns: vec![String::from(self.pattern.clone())] })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::semver;

    fn places(pattern: &str, files: &BTreeMap<String, String>) -> Result<VersionPlaces, VersionError> {
        let pattern = VersionPattern::try_from(pattern.to_owned()).unwrap();
        Pattern { file: "meson.build".into(), pattern, count: None, scheme: None }
            .places(files, Scheme::SemVer)
    }

    fn tree(text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("meson.build".to_owned(), text.to_owned())])
    }

    #[test]
    fn every_match_moves() {
        let files = tree("version: '1.2.3',\nother: '1.2.3'\n  version: '1.2.3'\n");
        let places = places(r"^\s*version: '(?<version>[^']+)'", &files).unwrap();
        let changes = places.write(&files, &semver("2.0.0-rc.1")).unwrap();
        assert_eq!(changes[0].content, "version: '2.0.0-rc.1',\nother: '1.2.3'\n  version: '2.0.0-rc.1'\n");
    }

    #[test]
    fn matches_that_disagree_are_an_error() {
        let message = places("v(?<version>[0-9.]+)", &tree("v1.2.3\nv1.2.4\n")).unwrap_err().to_string();
        assert!(message.contains("line 2 says 1.2.4, but `meson.build` line 1 says 1.2.3"), "{message}");
    }

    #[test]
    fn pattern_needs_its_group() {
        assert!(matches!(VersionPattern::try_from("v(.*)".to_owned()), Err(InvalidPattern::Groups { .. })));
        assert!(VersionPattern::try_from("(?<version>.)(?<other>.)".to_owned()).is_err());
        assert!(matches!(VersionPattern::try_from("(".to_owned()), Err(InvalidPattern::Syntax { .. })));
    }

    #[test]
    fn no_match_is_an_error_that_shows_the_pattern() {
        let message = places("v(?<version>[0-9.]+)", &tree("none")).unwrap_err().to_string();
        assert_eq!(message, "`meson.build` has no match of `v(?<version>[0-9.]+)`");
    }
}
