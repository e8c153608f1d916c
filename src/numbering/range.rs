//! The ranges of versions that an advisory states.

use std::fmt;
use std::ops::Bound;

use super::scheme::Scheme;
use super::version::Version;

/// Versions that carry a vulnerability, without a gap. Printed as GitHub's advisories state them, `>= 1.2.0, < 1.2.4`,
/// and read from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange {
    /// Where it begins; open: with the first version ever.
    pub lower: Bound<Version>,
    /// Where it ends: before the version that has the fix, or with the last one known.
    pub upper: Bound<Version>,
}

impl VersionRange {
    /// From `first` up to, and without, `fixed`.
    #[must_use]
    pub fn until(first: Version, fixed: Version) -> VersionRange {
        VersionRange { lower: Bound::Included(first), upper: Bound::Excluded(fixed) }
    }

    /// Reads a range as an advisory states it (`>= 1.2.0, < 1.2.4`, `= 1.3.0`). `None` if it is written in some other
    /// way, and then nothing is known of it.
    #[must_use]
    pub fn read(text: &str, scheme: Scheme) -> Option<VersionRange> {
        let mut range = VersionRange { lower: Bound::Unbounded, upper: Bound::Unbounded };
        for part in text.split(',').map(str::trim) {
            let at = part.find(|letter: char| letter.is_ascii_digit())?;
            let version = scheme.parse(part[at..].trim()).ok()?;
            match part[..at].trim() {
                ">=" => range.lower = Bound::Included(version),
                ">" => range.lower = Bound::Excluded(version),
                "<=" => range.upper = Bound::Included(version),
                "<" => range.upper = Bound::Excluded(version),
                "=" | "" => {
                    range = VersionRange {
                        lower: Bound::Included(version.clone()),
                        upper: Bound::Included(version),
                    };
                }
                _ => return None,
            }
        }
        Some(range)
    }

    /// Whether it holds this version.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        use std::ops::RangeBounds as _;
        (self.lower.as_ref(), self.upper.as_ref()).contains(version)
    }

    /// The version that ends it because it has the fix; `None` where no such version is known.
    #[must_use]
    pub fn fixed(&self) -> Option<&Version> {
        match &self.upper {
            Bound::Excluded(version) => Some(version),
            Bound::Included(_) | Bound::Unbounded => None,
        }
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lower = match &self.lower {
            Bound::Included(version) => Some(format!(">= {version}")),
            Bound::Excluded(version) => Some(format!("> {version}")),
            // GitHub has no word for "all versions".
            Bound::Unbounded if self.upper == Bound::Unbounded => Some(">= 0".to_owned()),
            Bound::Unbounded => None,
        };
        let upper = match &self.upper {
            Bound::Included(version) => Some(format!("<= {version}")),
            Bound::Excluded(version) => Some(format!("< {version}")),
            Bound::Unbounded => None,
        };
        f.write_str(&lower.into_iter().chain(upper).collect::<Vec<_>>().join(", "))
    }
}

/// Ranges over the versions of one line: each from the first version that carries the vulnerability up to the next
/// that does not. If none follows, up to the last one known, which is for people to replace by the patched version.
#[must_use]
pub fn ranges(mut versions: Vec<(Version, bool)>) -> Vec<VersionRange> {
    versions.sort();
    let mut ranges = Vec::new();
    let mut open: Option<(&Version, &Version)> = None;
    for (version, carries) in &versions {
        open = match (open, carries) {
            (Some((first, _)), true) => Some((first, version)),
            (None, true) => Some((version, version)),
            (Some((first, _)), false) => {
                ranges.push(VersionRange::until(first.clone(), version.clone()));
                None
            }
            (None, false) => None,
        };
    }
    ranges.extend(open.map(|(first, last)| VersionRange {
        lower: Bound::Included(first.clone()),
        upper: Bound::Included(last.clone()),
    }));
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    fn written(versions: &[(&str, bool)]) -> Vec<String> {
        let versions = versions.iter().map(|(version, carries)| (semver(version), *carries)).collect();
        ranges(versions).iter().map(ToString::to_string).collect()
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
        let holds =
            |range, version| Some(VersionRange::read(range, Scheme::SemVer)?.contains(&semver(version)));
        assert_eq!(holds(">= 1.2.0, < 1.2.4", "1.2.3"), Some(true));
        assert_eq!(holds(">= 1.2.0, < 1.2.4", "1.2.4"), Some(false));
        assert_eq!(holds("<= 1.2.4", "1.2.4"), Some(true));
        assert_eq!(holds("= 1.2.4", "1.2.3"), Some(false));
        assert_eq!(holds("1.2.x", "1.2.3"), None);
        assert_eq!(holds("", "1.2.3"), None);
    }

    #[test]
    fn range_of_python_versions_holds_the_release_candidate() {
        let range = VersionRange::read(">= 2.0.0rc1, < 2.0.2", Scheme::Pep440).unwrap();
        let holds = |text| range.contains(&Scheme::Pep440.parse(text).unwrap());
        assert!(holds("2.0.0rc1") && holds("2.0.0") && holds("2.0.2.dev1"));
        assert!(!holds("2.0.0b1") && !holds("2.0.2"));
    }
}
