//! The Open Source Vulnerability format, as far as a security release fills it (ossf.github.io/osv-schema).

use std::ops::Bound;

use serde::Serialize;

use super::file::{RecordError, RecordFile};
use super::vulnerability::{AffectedHistory, AffectedPackage, Vulnerability};
use crate::numbering::{Scheme, Version, VersionRange};

/// The version of the schema that is written.
const SCHEMA_VERSION: &str = "1.6.0";

/// The whole record.
#[derive(Debug, Serialize)]
struct OsvEntry<'a> {
    schema_version: &'static str,
    id: &'a str,
    modified: String,
    published: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<&'a str>,
    summary: &'a str,
    details: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    severity: Vec<OsvSeverity<'a>>,
    affected: Vec<OsvAffected>,
    references: Vec<OsvReference<'a>>,
}

/// A CVSS vector.
#[derive(Debug, Serialize)]
struct OsvSeverity<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    score: &'a str,
}

/// What is affected: a package, or the history of a repository.
#[derive(Debug, Serialize)]
struct OsvAffected {
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<OsvPackage>,
    ranges: Vec<OsvRange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    versions: Vec<String>,
}

#[derive(Debug, Serialize)]
struct OsvPackage {
    ecosystem: &'static str,
    name: String,
}

#[derive(Debug, Serialize)]
struct OsvRange {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    repo: Option<String>,
    events: Vec<OsvEvent>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum OsvEvent {
    Introduced(String),
    Fixed(String),
    LastAffected(String),
    Limit(String),
}

/// A page about it.
#[derive(Debug, Serialize)]
struct OsvReference<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

/// Why a vulnerability has no record: there would be nothing in it of what is affected, which says to whoever reads it that nothing
/// is. `None` where it has one.
#[must_use]
pub fn untold(vulnerability: &Vulnerability) -> Option<&'static str> {
    let is_known = |package: &AffectedPackage| package.ecosystem.osv().is_some();
    let is_told = |history: &AffectedHistory| Told::of(vulnerability, history) != Told::Nothing;
    let has_any = vulnerability.packages.iter().any(is_known) || vulnerability.histories.iter().any(is_told);
    (!has_any).then_some(
        "no OSV entry: the format knows no ecosystem of what is affected, and commits cannot tell which versions are; what the \
         advisory says of them is all there is",
    )
}

/// The record of a vulnerability, where it can say what is affected.
pub(super) fn files(vulnerability: &Vulnerability) -> Result<Vec<RecordFile>, RecordError> {
    if untold(vulnerability).is_some() {
        return Ok(Vec::new());
    }
    let text = serde_json::to_string_pretty(&entry(vulnerability))?;
    Ok(vec![RecordFile { name: format!("{}.json", vulnerability.id), text: format!("{text}\n") }])
}

fn entry(vulnerability: &Vulnerability) -> OsvEntry<'_> {
    let published = vulnerability.published.to_string();
    let packages = vulnerability.packages.iter().filter_map(package);
    let histories =
        vulnerability.histories.iter().filter_map(|one| history(one, Told::of(vulnerability, one)));
    let fixes = vulnerability.fixes.iter().map(|url| OsvReference { kind: "FIX", url });
    OsvEntry {
        schema_version: SCHEMA_VERSION,
        id: vulnerability.id.as_str(),
        modified: published.clone(),
        published,
        aliases: vulnerability.cve.iter().map(|cve| cve.as_str()).collect(),
        summary: &vulnerability.title,
        details: &vulnerability.description,
        severity: vulnerability.cvss.iter().map(|vector| severity(vector)).collect(),
        affected: packages.chain(histories).collect(),
        references: std::iter::once(OsvReference { kind: "ADVISORY", url: &vulnerability.page })
            .chain(fixes)
            .collect(),
    }
}

/// The severity of a vector, by the version that it names itself.
fn severity(vector: &str) -> OsvSeverity<'_> {
    OsvSeverity { kind: if vector.starts_with("CVSS:4") { "CVSS_V4" } else { "CVSS_V3" }, score: vector }
}

/// The affected package with one range for each line. What GitHub calls `other` is in no ecosystem that the format
/// knows; its history tells it.
fn package(package: &AffectedPackage) -> Option<OsvAffected> {
    // Where the ecosystem does not number by SemVer, a reader cannot order the versions and wants them listed (OSV
    // schema, "affected[].versions field").
    let is_semver = is_numbered_by_semver(package);
    let versions =
        if is_semver { Vec::new() } else { package.affected.iter().map(Version::normal).collect() };
    let kind = if is_semver { "SEMVER" } else { "ECOSYSTEM" };
    Some(OsvAffected {
        package: Some(OsvPackage {
            ecosystem: package.ecosystem.osv()?,
            name: package.ecosystem.normal_name(&package.name),
        }),
        ranges: ranges(kind, package),
        versions,
    })
}

/// A range of type SEMVER may hold nothing else (OSV schema, "affected[].ranges[].type field").
fn is_numbered_by_semver(package: &AffectedPackage) -> bool {
    let bounds = package.ranges.iter().flat_map(|stated| [&stated.range.lower, &stated.range.upper]);
    let mut versions = bounds.filter_map(|bound| match bound {
        Bound::Included(version) | Bound::Excluded(version) => Some(version),
        Bound::Unbounded => None,
    });
    package.ecosystem.scheme() == Scheme::SemVer && versions.all(|version| version.semver().is_some())
}

/// A range of the format may hold `fixed` or `last_affected`, and never both (OSV schema, "affected[].ranges[].events
/// objects"): what has no fix is told in a range of its own.
fn ranges(kind: &'static str, package: &AffectedPackage) -> Vec<OsvRange> {
    let (fixed, unfixed): (Vec<&VersionRange>, Vec<&VersionRange>) =
        package.ranges.iter().map(|stated| &stated.range).partition(|range| range.fixed().is_some());
    let told = |ranges: Vec<&VersionRange>| OsvRange {
        kind,
        repo: None,
        events: ranges.into_iter().flat_map(events).collect(),
    };
    [fixed, unfixed].into_iter().filter(|ranges| !ranges.is_empty()).map(told).collect()
}

/// A range as what happened in the order of versions.
fn events(range: &VersionRange) -> impl Iterator<Item = OsvEvent> {
    let introduced = match &range.lower {
        Bound::Included(version) | Bound::Excluded(version) => version.normal(),
        Bound::Unbounded => "0".to_owned(),
    };
    let end = match &range.upper {
        Bound::Excluded(version) => Some(OsvEvent::Fixed(version.normal())),
        Bound::Included(version) => Some(OsvEvent::LastAffected(version.normal())),
        Bound::Unbounded => None,
    };
    std::iter::once(OsvEvent::Introduced(introduced)).chain(end)
}

/// How much of a history is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// All that comes from where it begins and lacks the fixes.
    Whole,
    /// Only what leads to the fixes.
    Limited,
    /// Nothing: whatever is said would hold versions that do not carry the vulnerability, or leave out some that do.
    Nothing,
}

impl Told {
    /// Commits tell no versions apart: what is known of the versions says which words would be true of them.
    fn of(vulnerability: &Vulnerability, history: &AffectedHistory) -> Told {
        let packages = &vulnerability.packages;
        let was_fixed_before = packages.iter().any(|package| !package.fixed.is_empty());
        let begins_anywhere = history.introduced.is_empty();
        // What never had it does not come from what brought it.
        let has_others = was_fixed_before
            || begins_anywhere && packages.iter().any(|package| !package.unaffected.is_empty());
        let has_lines_without_fix =
            packages.iter().flat_map(|package| &package.ranges).any(|stated| stated.patched.is_none());
        let is_free_below_the_fix = packages
            .iter()
            .any(|package| begins_anywhere && is_free_at_first(package) || is_fixed_between(package));
        match has_others {
            false => Told::Whole,
            true if has_lines_without_fix || is_free_below_the_fix => Told::Nothing,
            true => Told::Limited,
        }
    }
}

/// Whether a version that never had the vulnerability is older than all that have it.
fn is_free_at_first(package: &AffectedPackage) -> bool {
    let first = package.affected.iter().min();
    first.is_some_and(|first| package.unaffected.iter().any(|version| version < first))
}

/// Whether a version had the fix and a later one of its line lacks it.
fn is_fixed_between(package: &AffectedPackage) -> bool {
    package.fixed.iter().any(|fixed| {
        package.affected.iter().any(|affected| affected > fixed && affected.is_of_the_line_of(fixed))
    })
}

/// The affected history of a repository: from the commits that brought the vulnerability, or from the beginning if
/// nobody knows them, to the commit that brought the fix to each branch. A history that is limited tells of what leads to these
/// commits, and not of other branches (OSV schema, "affected[].ranges[].events objects", `limit`).
fn history(history: &AffectedHistory, told: Told) -> Option<OsvAffected> {
    if history.fixed.is_empty() || told == Told::Nothing {
        return None;
    }
    let mut events: Vec<OsvEvent> =
        history.introduced.iter().map(|commit| OsvEvent::Introduced(commit.to_string())).collect();
    if events.is_empty() {
        events.push(OsvEvent::Introduced("0".to_owned()));
    }
    events.extend(history.fixed.iter().map(|commit| OsvEvent::Fixed(commit.to_string())));
    if told == Told::Limited {
        events.extend(history.fixed.iter().map(|commit| OsvEvent::Limit(commit.to_string())));
    }
    let repo = Some(history.address.clone());
    Some(OsvAffected {
        package: None,
        ranges: vec![OsvRange { kind: "GIT", repo, events }],
        versions: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecosystem::Ecosystem;
    use crate::records::example;

    fn written(vulnerability: &Vulnerability) -> serde_json::Value {
        serde_json::from_str(&files(vulnerability).unwrap()[0].text).unwrap()
    }

    /// The official schema (ossf/osv-schema, `validation/schema.json`) as far as it concerns the fields that are written
    /// here; no other field may be.
    fn schema() -> serde_json::Value {
        let text = serde_json::json!({"type": "string"});
        let time = serde_json::json!({"type": "string", "pattern": "^[0-9-]{10}T[0-9:.]+Z$"});
        let score = |kind: &str, pattern: &str| {
            serde_json::json!({
                "if": {"properties": {"type": {"const": kind}}},
                "then": {"properties": {"score": {"pattern": pattern}}}
            })
        };
        serde_json::json!({
            "type": "object",
            "required": ["id", "modified"],
            "additionalProperties": false,
            "properties": {
                "schema_version": text,
                "id": {"type": "string", "pattern": "^(CVE|GHSA|RUSTSEC)-"},
                "modified": time,
                "published": time,
                "aliases": {"type": "array", "items": text},
                "summary": text,
                "details": text,
                "severity": {"type": "array", "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["type", "score"],
                    "properties": {"type": {"enum": ["CVSS_V2", "CVSS_V3", "CVSS_V4", "Ubuntu"]}, "score": text},
                    "allOf": [
                        score("CVSS_V3", "^CVSS:3[.][01]/([A-Z]{1,3}:[A-Z]/)*[A-Z]{1,3}:[A-Z]$"),
                        score("CVSS_V4", "^CVSS:4[.]0/([A-Z]{1,3}:[A-Za-z]+/)*[A-Z]{1,3}:[A-Za-z]+$")
                    ]
                }},
                "affected": {"type": "array", "items": affected_schema()},
                "references": {"type": "array", "items": {
                    "required": ["type", "url"],
                    "properties": {
                        "type": {"enum": ["ADVISORY", "ARTICLE", "DETECTION", "DISCUSSION", "REPORT", "FIX",
                            "INTRODUCED", "GIT", "PACKAGE", "EVIDENCE", "WEB"]},
                        "url": {"type": "string", "pattern": "^https://"}
                    }
                }}
            }
        })
    }

    fn affected_schema() -> serde_json::Value {
        let text = serde_json::json!({"type": "string"});
        let has =
            |key: &str| serde_json::json!({"properties": {"events": {"contains": {"required": [key]}}}});
        serde_json::json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "package": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["ecosystem", "name"],
                    "properties": {
                        "ecosystem": {"enum": [
                            "GitHub Actions", "Go", "Hex", "Maven", "NuGet", "Packagist", "Pub", "PyPI",
                            "RubyGems", "SwiftURL", "crates.io", "npm"
                        ]},
                        "name": text
                    }
                },
                "ranges": {"type": "array", "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["type", "events"],
                    "properties": {
                        "type": {"enum": ["GIT", "SEMVER", "ECOSYSTEM"]},
                        "repo": text,
                        "events": {
                            "type": "array", "minItems": 1,
                            "contains": {"required": ["introduced"]},
                            "items": {
                                "type": "object", "minProperties": 1, "maxProperties": 1,
                                "additionalProperties": false,
                                "properties": {"introduced": text, "fixed": text, "last_affected": text, "limit": text}
                            }
                        }
                    },
                    "allOf": [
                        {
                            "if": {"properties": {"type": {"const": "GIT"}}},
                            "then": {"required": ["repo"]}
                        },
                        {"if": has("last_affected"), "then": {"not": has("fixed")}}
                    ]
                }},
                "versions": {"type": "array", "items": text}
            }
        })
    }

    #[track_caller]
    fn valid(vulnerability: &Vulnerability) {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let entry = written(vulnerability);
        let errors: Vec<String> = validator.iter_errors(&entry).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn entry_has_what_the_schema_requires() {
        valid(&example());
        let mut vulnerability = example();
        vulnerability.cvss =
            Some("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N".to_owned());
        vulnerability.cve = None;
        for word in [
            "actions", "composer", "erlang", "go", "maven", "npm", "nuget", "other", "pip", "pub",
            "rubygems", "rust", "swift",
        ] {
            vulnerability.packages[0].ecosystem = serde_json::from_value(word.into()).unwrap();
            valid(&vulnerability);
        }
        // A schema that accepts anything would be no check.
        let mut broken = written(&example());
        broken["affected"][0]["ranges"][0]["events"][0]["last_affected"] = "24.0.1".into();
        assert!(!jsonschema::is_valid(&schema(), &broken));
    }

    #[test]
    fn each_line_is_a_range_of_its_own() {
        let entry = written(&example());
        assert_eq!(
            entry["affected"][0]["ranges"][0],
            serde_json::json!({"type": "SEMVER", "events": [
                {"introduced": "24.0.0"}, {"fixed": "24.0.9"}, {"introduced": "36.0.0"}, {"fixed": "36.0.4"}
            ]})
        );
        assert!(entry["affected"][0].get("versions").is_none());
    }

    #[test]
    fn what_has_no_fix_is_a_range_of_its_own() {
        use crate::numbering::{Scheme, VersionRange};
        use crate::records::AffectedRange;
        let mut vulnerability = example();
        let range = VersionRange::read(">= 20.0.0, <= 20.0.3", Scheme::SemVer).unwrap();
        vulnerability.packages[0].ranges.insert(0, AffectedRange { range, patched: None });
        let ranges = written(&vulnerability)["affected"][0]["ranges"].clone();
        assert_eq!(ranges[0]["events"][1], serde_json::json!({"fixed": "24.0.9"}));
        assert_eq!(
            ranges[1]["events"],
            serde_json::json!([{"introduced": "20.0.0"}, {"last_affected": "20.0.3"}])
        );
    }

    #[test]
    fn ecosystem_that_does_not_number_by_semver_lists_its_versions() {
        let mut vulnerability = example();
        vulnerability.packages[0].ecosystem = Ecosystem::Pip;
        let affected = &written(&vulnerability)["affected"][0];
        assert_eq!(affected["package"]["ecosystem"], "PyPI");
        assert_eq!(affected["ranges"][0]["type"], "ECOSYSTEM");
        assert_eq!(affected["versions"], serde_json::json!(["24.0.8", "36.0.3"]));

        // As PyPI calls them (PEP 503, PEP 440).
        let python = |text: &str| Scheme::Pep440.parse(text).unwrap();
        vulnerability.packages[0].name = "Pump_X.y".to_owned();
        vulnerability.packages[0].affected = vec![python("1.0.0-rc1"), python("1.1.0-post2")];
        let affected = &written(&vulnerability)["affected"][0];
        assert_eq!(affected["package"]["name"], "pump-x-y");
        assert_eq!(affected["versions"], serde_json::json!(["1.0.0rc1", "1.1.0.post2"]));
    }

    #[test]
    fn numbers_that_are_no_semver_are_never_told_as_such() {
        use crate::records::AffectedRange;
        let version = |text: &str| Scheme::Numbers.parse(text).unwrap();
        let mut vulnerability = example();
        vulnerability.packages[0].ranges = vec![AffectedRange::until(version("1.2"), version("1.4"))];
        vulnerability.packages[0].affected = vec![version("1.2"), version("1.3")];
        let affected = &written(&vulnerability)["affected"][0];
        assert_eq!(affected["ranges"][0]["type"], "ECOSYSTEM");
        assert_eq!(affected["versions"], serde_json::json!(["1.2", "1.3"]));
        valid(&vulnerability);
    }

    #[test]
    fn history_begins_with_what_brought_it_if_that_is_known() {
        let events = |introduced: Vec<String>| {
            let mut vulnerability = example();
            vulnerability.histories[0].introduced =
                introduced.iter().map(|commit| commit.parse().unwrap()).collect();
            written(&vulnerability)["affected"][1]["ranges"][0]["events"].clone()
        };
        let (bad, fix) = ("b".repeat(40), "a".repeat(40));
        assert_eq!(events(Vec::new()), serde_json::json!([{"introduced": "0"}, {"fixed": fix}]));
        assert_eq!(events(vec![bad.clone()]), serde_json::json!([{"introduced": bad}, {"fixed": fix}]));
    }

    #[test]
    fn history_says_nothing_of_branches_that_never_had_it() {
        let mut vulnerability = example();
        vulnerability.packages[0].unaffected = vec![crate::numbering::semver("40.0.0")];
        let events = |vulnerability: &Vulnerability| {
            valid(vulnerability);
            written(vulnerability)["affected"][1]["ranges"][0]["events"].clone()
        };
        let fix = "a".repeat(40);
        let limited = serde_json::json!([{"introduced": "0"}, {"fixed": fix}, {"limit": fix}]);
        assert_eq!(events(&vulnerability), limited);
    }

    #[test]
    fn history_of_which_commits_cannot_tell_the_truth_is_left_to_the_versions() {
        let told = |change: fn(&mut Vulnerability)| {
            let mut vulnerability = example();
            change(&mut vulnerability);
            valid(&vulnerability);
            let affected = written(&vulnerability)["affected"].clone();
            affected.as_array().unwrap().iter().any(|one| one["ranges"][0]["type"] == "GIT")
        };
        use crate::numbering::semver;
        assert!(told(|all| all.packages[0].ranges[0].patched = None), "whatever lacks the fix is affected");
        assert!(!told(|all| {
            all.packages[0].unaffected = vec![semver("40.0.0")];
            all.packages[0].ranges[0].patched = None;
        }));
        let early = |all: &mut Vulnerability| all.packages[0].unaffected = vec![semver("20.0.0")];
        assert!(!told(early), "it comes before what brought the fault, and leads to the fix");
        assert!(told(|all| {
            all.packages[0].unaffected = vec![semver("20.0.0")];
            all.packages[0].ranges[0].patched = None;
            all.histories[0].introduced = vec!["b".repeat(40).parse().unwrap()];
        }));
        assert!(told(|all| all.packages[0].fixed = vec![semver("30.0.1")]), "another line is left out");
        assert!(!told(|all| all.packages[0].fixed = vec![semver("36.0.1")]), "the fix was taken back");
    }

    #[test]
    fn what_no_ecosystem_knows_is_told_by_its_history() {
        let mut vulnerability = example();
        vulnerability.packages[0].ecosystem = Ecosystem::Other;
        let affected = written(&vulnerability)["affected"].clone();
        assert_eq!(affected.as_array().unwrap().len(), 1);
        assert_eq!(affected[0]["ranges"][0]["type"], "GIT");
        vulnerability.histories[0].fixed.clear();
        assert_eq!(
            written(&vulnerability)["affected"],
            serde_json::json!([]),
            "the fixes are merged on the day"
        );
    }

    #[test]
    fn entry_that_could_name_nothing_that_is_affected_is_left_out_with_the_reason() {
        let mut vulnerability = example();
        vulnerability.packages[0].ecosystem = Ecosystem::Other;
        assert_eq!(untold(&vulnerability), None, "its history tells it");
        // The fix was there and was taken back: commits would say that the versions between are affected, or that none is.
        vulnerability.packages[0].fixed = vec![crate::numbering::semver("36.0.1")];
        assert!(untold(&vulnerability).is_some_and(|why| why.starts_with("no OSV entry")));
        assert!(files(&vulnerability).unwrap().is_empty());
        vulnerability.packages[0].ecosystem = Ecosystem::Npm;
        assert_eq!(untold(&vulnerability), None, "its versions tell it");
        vulnerability.packages[0].ecosystem = Ecosystem::Other;
        vulnerability.packages[0].fixed.clear();
        vulnerability.histories.clear();
        assert!(files(&vulnerability).unwrap().is_empty(), "nor was anything merged");
    }
}
