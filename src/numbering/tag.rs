//! The version that a tag names.

use super::scheme::Scheme;
use super::version::Version;

/// The version that a tag names under a rule such as `SLUICE-{version}`.
#[must_use]
pub fn version_in_tag(rule: &str, tag: &str, scheme: Scheme) -> Option<Version> {
    let (before, after) = rule.split_once("{version}")?;
    scheme.parse(tag.strip_prefix(before)?.strip_suffix(after)?).ok()
}

/// The version that a tag names at its end where no rule is known, and what stands before it: `v1.2.3`, `WAMR-2.4.1`,
/// `v1.0.0-rc93`, `2.0.0a1`. Some repositories release several things, and the versions of one say nothing about
/// another's.
#[must_use]
pub fn version_at_end(tag: &str) -> Option<(&str, Version)> {
    let starts = tag.char_indices().filter(|(at, letter)| {
        letter.is_ascii_digit()
            && !tag[..*at].ends_with(|before: char| before.is_ascii_digit() || before == '.')
    });
    // One number alone may be anything: `build-47`, `2022`.
    let read = |text: &str| Scheme::Numbers.parse(text).ok().filter(|version| version.numbers().count() > 1);
    starts.map(|(at, _)| at).find_map(|at| Some((&tag[..at], read(&tag[at..])?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    #[test]
    fn version_is_read_from_its_tag() {
        let read = |rule, tag| version_in_tag(rule, tag, Scheme::SemVer);
        assert_eq!(read("SLUICE-{version}", "SLUICE-2.4.1"), Some(semver("2.4.1")));
        assert_eq!(read("v{version}", "SLUICE-2.4.1"), None);
        assert_eq!(read("v{version}", "v2.4"), None);
        let gem = version_in_tag("v{version}", "v7.1.5.2", Scheme::RubyGems).unwrap();
        assert_eq!(gem.as_str(), "7.1.5.2");
    }

    #[test]
    fn version_is_what_ends_the_tag() {
        for (tag, before, version) in [
            ("v1.2.3", "v", "1.2.3"),
            ("WAMR-2.4.1", "WAMR-", "2.4.1"),
            ("v1.0.0-rc93", "v", "1.0.0-rc93"),
            ("a2-1.0.0", "a2-", "1.0.0"),
            ("2.0.0a1", "", "2.0.0a1"),
            ("v4.2", "v", "4.2"),
        ] {
            let (found_before, found) = version_at_end(tag).unwrap();
            assert_eq!((found_before, found.as_str()), (before, version), "{tag}");
        }
        for tag in ["WAMR-01-18-2022", "nightly", "dev", "build-47", ""] {
            assert_eq!(version_at_end(tag), None, "{tag}");
        }
    }
}
