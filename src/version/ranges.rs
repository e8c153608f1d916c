//! The ranges of versions that an advisory states, from what is known of each released version.

use std::fmt;

use semver::Version;

/// The version that a tag names at its end, and what stands before it: `v1.2.3`, `WAMR-2.4.1`, `v1.0.0-rc93`. Some
/// repositories release several things, and the versions of one say nothing about another's.
#[must_use]
pub fn version_of_tag(tag: &str) -> Option<(&str, Version)> {
    let starts = tag.char_indices().filter(|(at, letter)| {
        letter.is_ascii_digit()
            && !tag[..*at].ends_with(|before: char| before.is_ascii_digit() || before == '.')
    });
    starts.map(|(at, _)| at).find_map(|at| Some((&tag[..at], Version::parse(&tag[at..]).ok()?)))
}

/// Versions of one line that carry a vulnerability, without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The first of them.
    pub first: Version,
    /// Where they end.
    pub end: End,
}

/// Where a range ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Before this version, which does not carry it.
    Before(Version),
    /// With this version, the last one known.
    With(Version),
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.end {
            End::Before(version) => write!(f, ">= {}, < {version}", self.first),
            End::With(version) => write!(f, ">= {}, <= {version}", self.first),
        }
    }
}

/// Ranges over the versions of one line: each from the first version that carries the vulnerability up to the next
/// that does not. If none follows, up to the last one known, which is for people to replace by the patched version.
#[must_use]
pub fn ranges(mut versions: Vec<(Version, bool)>) -> Vec<Range> {
    versions.sort();
    let mut ranges = Vec::new();
    let mut open: Option<(&Version, &Version)> = None;
    for (version, carries) in &versions {
        open = match (open, carries) {
            (Some((first, _)), true) => Some((first, version)),
            (None, true) => Some((version, version)),
            (Some((first, _)), false) => {
                ranges.push(Range { first: first.clone(), end: End::Before(version.clone()) });
                None
            }
            (None, false) => None,
        };
    }
    ranges.extend(open.map(|(first, last)| Range { first: first.clone(), end: End::With(last.clone()) }));
    ranges
}

/// Whether a range as advisories state it (`>= 1.2.0, < 1.2.4`, `= 1.3.0`) holds a version. `None` if it is written in
/// some other way, and then nothing is known of it.
#[must_use]
pub fn holds(range: &str, version: &Version) -> Option<bool> {
    let mut all = true;
    for part in range.split(',').map(str::trim) {
        let at = part.find(|letter: char| letter.is_ascii_digit())?;
        let bound = Version::parse(part[at..].trim()).ok()?;
        all &= match part[..at].trim() {
            ">=" => *version >= bound,
            ">" => *version > bound,
            "<=" => *version <= bound,
            "<" => *version < bound,
            "=" | "" => *version == bound,
            _ => return None,
        };
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(versions: &[(&str, bool)]) -> Vec<(Version, bool)> {
        versions.iter().map(|(version, carries)| (version.parse().unwrap(), *carries)).collect()
    }

    fn written(versions: &[(&str, bool)]) -> Vec<String> {
        ranges(line(versions)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn version_is_what_ends_the_tag() {
        for (tag, before, version) in [
            ("v1.2.3", "v", "1.2.3"),
            ("WAMR-2.4.1", "WAMR-", "2.4.1"),
            ("v1.0.0-rc93", "v", "1.0.0-rc93"),
            ("a2-1.0.0", "a2-", "1.0.0"),
        ] {
            assert_eq!(version_of_tag(tag), Some((before, version.parse().unwrap())), "{tag}");
        }
        for tag in ["WAMR-01-18-2022", "nightly", "dev", ""] {
            assert_eq!(version_of_tag(tag), None, "{tag}");
        }
    }

    #[test]
    fn range_ends_before_the_version_that_has_the_fix() {
        let known = [("1.2.0", true), ("1.1.0", false), ("1.2.1", true), ("1.2.2", false)];
        assert_eq!(written(&known), [">= 1.2.0, < 1.2.2"]);
        assert_eq!(written(&[("1.2.10", true), ("1.2.9", true)]), [">= 1.2.9, <= 1.2.10"]);
        assert!(written(&[("1.0.0", false)]).is_empty());
    }

    #[test]
    fn versions_with_a_gap_are_two_ranges() {
        let known = [("2.4.0", true), ("2.4.1", false), ("2.4.2", false), ("2.4.3", true)];
        assert_eq!(written(&known), [">= 2.4.0, < 2.4.1", ">= 2.4.3, <= 2.4.3"]);
    }

    #[test]
    fn range_as_an_advisory_states_it_is_understood() {
        let version = |text: &str| text.parse().unwrap();
        assert_eq!(holds(">= 1.2.0, < 1.2.4", &version("1.2.3")), Some(true));
        assert_eq!(holds(">= 1.2.0, < 1.2.4", &version("1.2.4")), Some(false));
        assert_eq!(holds("<= 1.2.4", &version("1.2.4")), Some(true));
        assert_eq!(holds("= 1.2.4", &version("1.2.3")), Some(false));
        assert_eq!(holds("1.2.x", &version("1.2.3")), None);
        assert_eq!(holds("", &version("1.2.3")), None);
    }
}
