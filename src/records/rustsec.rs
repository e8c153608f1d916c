//! The entry for the RustSec database: front matter in TOML, the text in Markdown (rustsec/advisory-db,
//! EXAMPLE_ADVISORY.md).

use std::ops::Bound;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::file::{RecordError, RecordFile};
use super::vulnerability::{AffectedPackage, Vulnerability};
use crate::ecosystem::Ecosystem;
use crate::numbering::Version;

#[derive(Serialize)]
struct FrontMatter<'a> {
    advisory: RustSecHead<'a>,
    versions: SafeRanges,
}

#[derive(Serialize)]
struct RustSecHead<'a> {
    /// The database assigns the number when it takes the entry.
    id: &'static str,
    package: &'a str,
    date: String,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cvss: Option<&'a str>,
    aliases: Vec<&'a str>,
}

/// An entry for each crate that has the vulnerability and is released with the fix.
pub(super) fn files(vulnerability: &Vulnerability) -> Result<Vec<RecordFile>, RecordError> {
    let crates = vulnerability
        .packages
        .iter()
        .filter(|package| package.ecosystem == Ecosystem::Rust && !package.patched.is_empty());
    crates
        .map(|package| {
            let name = format!("{}-{}.rustsec.md", vulnerability.id, package.name);
            Ok(RecordFile { name, text: entry(vulnerability, package)? })
        })
        .collect()
}

/// The whole text of an entry.
fn entry(vulnerability: &Vulnerability, package: &AffectedPackage) -> Result<String, RecordError> {
    let date = vulnerability.published.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string();
    let aliases = vulnerability.cve.iter().map(|cve| cve.as_str()).chain([vulnerability.id.as_str()]);
    let front = FrontMatter {
        advisory: RustSecHead {
            id: "RUSTSEC-0000-0000",
            package: &package.name,
            date,
            url: &vulnerability.page,
            cvss: vulnerability.cvss.as_deref(),
            aliases: aliases.collect(),
        },
        versions: safe_ranges(package),
    };
    let title = &vulnerability.title;
    let described = vulnerability.description.trim();
    let text = if described.is_empty() { title } else { described };
    Ok(format!("```toml\n{}```\n\n# {title}\n\n{text}\n", toml::to_string(&front)?))
}

/// What the database calls safe: RustSec counts every version as vulnerable that is in neither list, those of tomorrow
/// included.
#[derive(Default, Serialize)]
struct SafeRanges {
    patched: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unaffected: Vec<String>,
}

/// A version that is known, and what is known of it.
struct KnownRelease {
    version: semver::Version,
    finding: RustSecFinding,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RustSecFinding {
    Vulnerable,
    Fixed,
    NeverAffected,
}

/// Each stretch of versions without the vulnerability: before the first one that has it, and from a fix on for as long as
/// its line lasts.
fn safe_ranges(package: &AffectedPackage) -> SafeRanges {
    let known = known_releases(package);
    let mut ranges = SafeRanges::default();
    let mut rest = known.as_slice();
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|one| one.is_vulnerable() == first.is_vulnerable()).count();
        let (stretch, after) = rest.split_at(length);
        if !first.is_vulnerable() {
            let begins = (rest.len() < known.len()).then_some(&first.version);
            let is_patched = stretch.iter().any(|one| one.finding == RustSecFinding::Fixed);
            let list = if is_patched { &mut ranges.patched } else { &mut ranges.unaffected };
            list.extend(range(begins, end(stretch, after, begins.is_some())));
        }
        rest = after;
    }
    ranges
}

impl KnownRelease {
    fn is_vulnerable(&self) -> bool {
        self.finding == RustSecFinding::Vulnerable
    }
}

/// Oldest first, each once. What does not number as crates do is none of a crate.
fn known_releases(package: &AffectedPackage) -> Vec<KnownRelease> {
    let firsts = package.ranges.iter().filter_map(|stated| match &stated.range.lower {
        Bound::Included(first) => Some(first),
        Bound::Excluded(_) | Bound::Unbounded => None,
    });
    let is_open = package.ranges.iter().any(|stated| stated.range.lower == Bound::Unbounded);
    let first_ever = is_open.then(|| KnownRelease {
        version: semver::Version::new(0, 0, 0),
        finding: RustSecFinding::Vulnerable,
    });
    let of = |finding| {
        move |version: &Version| Some(KnownRelease { version: without_build(version.semver()?), finding })
    };
    let mut known: Vec<KnownRelease> =
        package.affected.iter().filter_map(of(RustSecFinding::Vulnerable)).collect();
    known.extend(firsts.filter_map(of(RustSecFinding::Vulnerable)));
    known.extend(first_ever);
    known.extend(package.patched.iter().chain(&package.fixed).filter_map(of(RustSecFinding::Fixed)));
    known.extend(package.unaffected.iter().filter_map(of(RustSecFinding::NeverAffected)));
    known.sort_by(|one, other| one.version.cmp(&other.version));
    known.dedup_by(|one, other| one.version == other.version);
    known
}

/// A requirement cannot name the build.
fn without_build(version: &semver::Version) -> semver::Version {
    semver::Version { build: semver::BuildMetadata::EMPTY, ..version.clone() }
}

/// Where a stretch ends: with the next vulnerable version, or earlier with the line of its last one, since nobody
/// has fixed what lies between two lines.
fn end(stretch: &[KnownRelease], after: &[KnownRelease], has_begun: bool) -> Option<semver::Version> {
    let next = &after.first()?.version;
    let last = &stretch.last()?.version;
    let line = match () {
        () if !has_begun => next.clone(),
        () if last.major == next.major || last.major == 0 => {
            semver::Version::new(last.major, last.minor + 1, 0)
        }
        () => semver::Version::new(last.major + 1, 0, 0),
    };
    Some(line.min(next.clone()))
}

fn range(begin: Option<&semver::Version>, end: Option<semver::Version>) -> Option<String> {
    match (begin, end) {
        (Some(begin), Some(end)) => Some(format!(">= {begin}, < {end}")),
        (Some(begin), None) => Some(format!(">= {begin}")),
        (None, Some(end)) => Some(format!("< {end}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;
    use crate::records::{AffectedRange, example};

    /// Accepted by the linter of the database, and read as the database reads it.
    fn accepted(vulnerability: &Vulnerability) -> rustsec::Advisory {
        let text = files(vulnerability).unwrap()[0].text.clone();
        let linter = rustsec::advisory::Linter::lint_string(&text, Some(true)).unwrap();
        assert!(linter.errors().is_empty(), "{:?}", linter.errors());
        linter.advisory().clone()
    }

    /// A crate of which this is known: each version with `!` if it is vulnerable, `=` if it has the fix, or nothing.
    fn known(versions: &[&str]) -> Vulnerability {
        let mut vulnerability = example();
        let package = &mut vulnerability.packages[0];
        let marked = |mark: char| -> Vec<Version> {
            versions.iter().filter_map(|one| one.strip_suffix(mark)).map(semver).collect()
        };
        package.ranges = Vec::new();
        (package.affected, package.patched, package.fixed) = (marked('!'), marked('='), Vec::new());
        let plain = versions.iter().filter(|one| !one.ends_with(['!', '=']));
        package.unaffected = plain.map(|one| semver(one)).collect();
        vulnerability
    }

    fn lists(versions: &[&str]) -> (Vec<String>, Vec<String>) {
        let vulnerability = known(versions);
        let advisory = accepted(&vulnerability);
        let package = &vulnerability.packages[0];
        for version in &package.affected {
            assert!(advisory.versions.is_vulnerable(version.semver().unwrap()), "{version}");
        }
        for version in package.patched.iter().chain(&package.unaffected) {
            assert!(!advisory.versions.is_vulnerable(version.semver().unwrap()), "{version}");
        }
        let ranges = safe_ranges(package);
        (ranges.patched, ranges.unaffected)
    }

    #[test]
    fn line_is_patched_for_as_long_as_it_goes_on() {
        let (patched, unaffected) = lists(&["1.2.7!", "1.2.8=", "1.3.0!", "1.3.1=", "2.0.0!", "2.0.1="]);
        assert_eq!(patched, [">= 1.2.8, < 1.3.0", ">= 1.3.1, < 2.0.0", ">= 2.0.1"]);
        assert!(unaffected.is_empty());
        let (patched, _) = lists(&["0.4.1!", "0.4.2=", "1.0.0!", "1.0.1="]);
        assert_eq!(patched, [">= 0.4.2, < 0.5.0", ">= 1.0.1"]);
        let (patched, _) = lists(&["1.2.7!", "1.2.8=", "1.3.0-rc.1!", "1.3.0!", "1.3.1="]);
        assert_eq!(patched, [">= 1.2.8, < 1.3.0-rc.1", ">= 1.3.1"]);
    }

    #[test]
    fn what_never_had_it_is_unaffected() {
        let (patched, unaffected) =
            lists(&["1.0.0", "1.1.0", "1.2.0!", "1.2.1=", "1.3.0!", "2.0.0", "2.1.0!", "2.1.1="]);
        assert_eq!(unaffected, ["< 1.2.0", ">= 2.0.0, < 2.1.0"]);
        assert_eq!(patched, [">= 1.2.1, < 1.3.0", ">= 2.1.1"]);
        // A later line that is rewritten and never had it.
        let rewritten = safe_ranges(&known(&["1.2.0!", "1.3.0", "2.0.0"]).packages[0]);
        assert_eq!((rewritten.patched.len(), rewritten.unaffected), (0, vec![">= 1.3.0".to_owned()]));
    }

    #[test]
    fn line_that_gets_no_fix_stays_vulnerable() {
        let vulnerability = known(&["0.9.0!", "1.0.0!", "1.1.0!", "1.1.1="]);
        let advisory = accepted(&vulnerability);
        for later in ["0.9.5", "1.0.7", "1.1.0"] {
            assert!(advisory.versions.is_vulnerable(&later.parse().unwrap()), "{later}");
        }
        assert!(!advisory.versions.is_vulnerable(&"1.1.2".parse().unwrap()));
    }

    #[test]
    fn first_version_of_a_range_counts_where_no_release_is_known() {
        let mut vulnerability = known(&["1.2.4="]);
        vulnerability.packages[0].ranges = vec![AffectedRange::until(semver("1.2.3"), semver("1.2.4"))];
        assert_eq!(safe_ranges(&vulnerability.packages[0]).patched, [">= 1.2.4"]);
        assert!(safe_ranges(&vulnerability.packages[0]).unaffected.is_empty());
        accepted(&vulnerability);
    }

    #[test]
    fn build_metadata_is_no_part_of_a_requirement() {
        let (patched, _) = lists(&["1.2.3!", "1.2.4+vendored="]);
        assert_eq!(patched, [">= 1.2.4"]);
    }

    #[test]
    fn vectors_of_every_version_are_accepted() {
        for vector in [
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
        ] {
            let mut vulnerability = example();
            vulnerability.cvss = Some(vector.to_owned());
            accepted(&vulnerability);
        }
    }

    #[test]
    fn entry_reads_as_the_database_wants_it() {
        let text = files(&example()).unwrap()[0].text.clone();
        let front = text.strip_prefix("```toml\n").unwrap().split_once("```").unwrap().0;
        let front: toml::Table = front.parse().unwrap();
        assert_eq!(front["advisory"]["date"].as_str(), Some("2026-03-09"));
        assert_eq!(front["advisory"]["aliases"][1].as_str(), Some("GHSA-23cf-ghjm-pqrv"));
        assert_eq!(front["versions"]["patched"][0].as_str(), Some(">= 24.0.9, < 25.0.0"));
        assert_eq!(front["versions"]["patched"][1].as_str(), Some(">= 36.0.4"));
        assert!(text.ends_with("\n# Depth is not bounded\n\nA deep input overflows the stack.\n"));
    }

    #[test]
    fn entry_without_a_text_repeats_its_title() {
        let mut vulnerability = example();
        vulnerability.description = "\n".into();
        assert!(
            files(&vulnerability).unwrap()[0]
                .text
                .ends_with("# Depth is not bounded\n\nDepth is not bounded\n")
        );
    }
}
