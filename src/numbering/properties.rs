//! What holds for the versions of every scheme.

use proptest::prelude::*;

use super::{Raise, Scheme, Version, VersionRange};

const SCHEMES: [Scheme; 6] =
    [Scheme::SemVer, Scheme::Pep440, Scheme::RubyGems, Scheme::Maven, Scheme::Numbers, Scheme::Calendar];

/// Texts of which each scheme takes some.
fn text() -> impl Strategy<Value = String> {
    "[0-9]{1,2}(\\.[0-9]{1,2}){0,3}((-|\\.)?(rc|dev|a|b|alpha|SNAPSHOT|Final|jre|post)(\\.?[0-9]{1,2})?)?(\\+[a-z0-9]{1,3})?"
}

/// Each scheme with the versions that it takes of these texts.
fn read(texts: &[String]) -> Vec<Vec<Version>> {
    let of = |scheme: &Scheme| texts.iter().filter_map(|text| scheme.parse(text).ok()).collect();
    SCHEMES.iter().map(of).collect()
}

proptest! {
    #[test]
    fn order_is_total(texts in prop::collection::vec(text(), 3)) {
        for versions in read(&texts) {
            for (one, other) in versions.iter().zip(versions.iter().skip(1)) {
                prop_assert_eq!(one.cmp(other), other.cmp(one).reverse());
            }
            if let [a, b, c] = versions.as_slice() && a <= b && b <= c {
                prop_assert!(a <= c, "{} <= {} <= {}", a, b, c);
            }
        }
    }

    #[test]
    fn text_is_kept_and_what_is_kept_is_read(texts in prop::collection::vec(text(), 1)) {
        for version in read(&texts).into_iter().flatten() {
            prop_assert_eq!(version.as_str(), &texts[0]);
            let kept = serde_json::to_string(&version).unwrap();
            let again: Version = serde_json::from_str(&kept).unwrap();
            prop_assert_eq!(again.as_str(), &texts[0]);
            prop_assert_eq!(again, version);
        }
    }

    #[test]
    fn next_patch_is_newer_and_no_prerelease(texts in prop::collection::vec(text(), 1)) {
        for version in read(&texts).into_iter().flatten() {
            let Some(next) = version.next(Raise::Patch, &[]) else { continue };
            prop_assert!(next > version, "{} -> {}", version, next);
            prop_assert!(!next.is_prerelease(), "{} -> {}", version, next);
            prop_assert_eq!(next.scheme(), version.scheme());
        }
    }

    #[test]
    fn range_that_is_printed_is_read(texts in prop::collection::vec(text(), 2)) {
        for versions in read(&texts) {
            let [first, fixed] = versions.as_slice() else { continue };
            let range = VersionRange::until(first.clone(), fixed.clone());
            prop_assert_eq!(VersionRange::read(&range.to_string(), first.scheme()), Some(range));
        }
    }
}
