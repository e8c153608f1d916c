//! Everything else: a regular expression with one named group, `version`.

use std::ops::Range;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::error::VersionError;
use super::files::{Files, need};
use super::place::{Holds, Place, Places, line_of, parse_at, place_name};

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

/// A regular expression with exactly one named group, `version`; `^` and `$` match at lines.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct VersionPattern(Regex);

impl VersionPattern {
    /// The bytes of the group in each match.
    pub(super) fn ranges(&self, text: &str) -> Vec<Range<usize>> {
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
        match RegexBuilder::new(&pattern).multi_line(true).build() {
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
}

impl Pattern {
    /// The text of the file and each match, at least one.
    pub(super) fn find(&self, files: &dyn Files) -> Result<(String, Vec<Range<usize>>), VersionError> {
        let text = need(files, &self.file, "a version")?;
        let ranges = self.pattern.ranges(&text);
        if ranges.is_empty() {
            let expected = format!("match of `{}`", self.pattern.0.as_str());
            return Err(VersionError::Absent { path: self.file.clone(), expected });
        }
        Ok((text, ranges))
    }

    pub(super) fn places(&self, files: &dyn Files) -> Result<Places, VersionError> {
        let (text, ranges) = self.find(files)?;
        let current = parse_at(&self.file, &text, &ranges[0])?;
        let leader = place_name(&self.file, &text, ranges[0].start);
        let mut places = Vec::new();
        for range in ranges {
            let version = parse_at(&self.file, &text, &range)?;
            if version != current {
                return Err(VersionError::Disagree {
                    path: self.file.clone(),
                    line: line_of(&text, range.start),
                    found: version.to_string(),
                    other: leader,
                    expected: current.to_string(),
                });
            }
            places.push(Place { path: self.file.clone(), range, holds: Holds::Whole });
        }
        Ok(Places { current, leader, places, standing: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::version::Scheme;

    fn scheme(pattern: &str) -> Scheme {
        let pattern = VersionPattern::try_from(pattern.to_owned()).unwrap();
        Scheme::Regex(Pattern { file: "meson.build".into(), pattern })
    }

    fn tree(text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("meson.build".to_owned(), text.to_owned())])
    }

    #[test]
    fn every_match_moves() {
        let files = tree("version: '1.2.3',\nother: '1.2.3'\n  version: '1.2.3'\n");
        let scheme = scheme(r"^\s*version: '(?<version>[^']+)'");
        let changes = scheme.write(&files, &"2.0.0-rc.1".parse().unwrap()).unwrap();
        assert_eq!(changes[0].content, "version: '2.0.0-rc.1',\nother: '1.2.3'\n  version: '2.0.0-rc.1'\n");
    }

    #[test]
    fn matches_that_disagree_are_an_error() {
        let message = scheme("v(?<version>[0-9.]+)").read(&tree("v1.2.3\nv1.2.4\n")).unwrap_err().to_string();
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
        let message = scheme("v(?<version>[0-9.]+)").read(&tree("none")).unwrap_err().to_string();
        assert_eq!(message, "`meson.build` has no match of `v(?<version>[0-9.]+)`");
    }
}
