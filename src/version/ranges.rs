//! The ranges of versions that an advisory states, from what is known of each released version.

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

/// Ranges over the versions of one line: each from the first version that carries the vulnerability up to the next
/// that does not. If none follows, up to the last one known, which is for people to replace by the patched version.
#[must_use]
pub fn ranges(mut versions: Vec<(Version, bool)>) -> Vec<String> {
    versions.sort();
    let mut ranges = Vec::new();
    let mut open: Option<(&Version, &Version)> = None;
    for (version, carries) in &versions {
        open = match (open, carries) {
            (Some((first, _)), true) => Some((first, version)),
            (None, true) => Some((version, version)),
            (Some((first, _)), false) => {
                ranges.push(format!(">= {first}, < {version}"));
                None
            }
            (None, false) => None,
        };
    }
    ranges.extend(open.map(|(first, last)| format!(">= {first}, <= {last}")));
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(versions: &[(&str, bool)]) -> Vec<(Version, bool)> {
        versions.iter().map(|(version, carries)| (version.parse().unwrap(), *carries)).collect()
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
        let known = line(&[("1.2.0", true), ("1.1.0", false), ("1.2.1", true), ("1.2.2", false)]);
        assert_eq!(ranges(known), [">= 1.2.0, < 1.2.2"]);
        let unfixed = line(&[("1.2.10", true), ("1.2.9", true)]);
        assert_eq!(ranges(unfixed), [">= 1.2.9, <= 1.2.10"]);
        assert!(ranges(line(&[("1.0.0", false)])).is_empty());
    }
}
