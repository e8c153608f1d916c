//! The Open Source Vulnerability format, as far as a security release fills it (ossf.github.io/osv-schema).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::github::Vulnerability;

/// The version of the schema that is written.
pub(in crate::steps) const SCHEMA_VERSION: &str = "1.6.0";

/// One vulnerability.
#[derive(Debug, Clone, Serialize)]
pub(in crate::steps) struct Entry {
    pub(in crate::steps) schema_version: &'static str,
    pub(in crate::steps) id: String,
    pub(in crate::steps) modified: String,
    pub(in crate::steps) published: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::steps) aliases: Vec<String>,
    pub(in crate::steps) summary: String,
    pub(in crate::steps) details: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::steps) severity: Vec<Severity>,
    pub(in crate::steps) affected: Vec<Affected>,
    pub(in crate::steps) references: Vec<Reference>,
}

/// A CVSS vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::steps) struct Severity {
    #[serde(rename = "type")]
    kind: &'static str,
    score: String,
}

/// What is affected: a package, or the history of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::steps) struct Affected {
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<Package>,
    ranges: Vec<Range>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Package {
    ecosystem: &'static str,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Range {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    repo: Option<String>,
    events: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Event {
    Introduced(String),
    Fixed(String),
}

/// A page about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::steps) struct Reference {
    #[serde(rename = "type")]
    pub(in crate::steps) kind: &'static str,
    pub(in crate::steps) url: String,
}

/// The severity of a vector, by the version that it names itself.
pub(in crate::steps) fn severity(vector: Option<&str>) -> Vec<Severity> {
    let kind = |vector: &str| if vector.starts_with("CVSS:4") { "CVSS_V4" } else { "CVSS_V3" };
    vector.map(|vector| Severity { kind: kind(vector), score: vector.to_owned() }).into_iter().collect()
}

/// The affected packages, each with one range per line. What GitHub calls `other` is in no ecosystem that the format
/// knows; its history tells it.
pub(in crate::steps) fn packages(vulnerabilities: &[Vulnerability]) -> Vec<Affected> {
    let mut by_package: BTreeMap<(&'static str, String), Vec<Event>> = BTreeMap::new();
    for vulnerability in vulnerabilities {
        let (Some(ecosystem), Some(name)) = (ecosystem(&vulnerability.ecosystem), &vulnerability.package)
        else {
            continue;
        };
        let events = by_package.entry((ecosystem, name.clone())).or_default();
        events.push(Event::Introduced(introduced(vulnerability)));
        events.extend(vulnerability.patched_versions.clone().map(Event::Fixed));
    }
    by_package
        .into_iter()
        .map(|((ecosystem, name), events)| Affected {
            package: Some(Package { ecosystem, name }),
            ranges: vec![Range { kind: "SEMVER", repo: None, events }],
        })
        .collect()
}

/// The lower end of `>= A, < B`; `0` where none is stated.
fn introduced(vulnerability: &Vulnerability) -> String {
    let range = vulnerability.vulnerable_version_range.as_deref().unwrap_or_default();
    let lower = range.split(',').find_map(|part| part.trim().strip_prefix(">="));
    lower.map_or_else(|| "0".to_owned(), |version| version.trim().to_owned())
}

/// The affected history of a repository: from the commits that brought the vulnerability, or from the beginning if
/// nobody knows them, to the commit that brought the fix to each branch.
pub(in crate::steps) fn history(repo: &str, introduced: &[String], fixed: &[String]) -> Option<Affected> {
    if fixed.is_empty() {
        return None;
    }
    let beginning = ["0".to_owned()];
    let introduced = if introduced.is_empty() { &beginning } else { introduced };
    let events = introduced.iter().cloned().map(Event::Introduced);
    let events = events.chain(fixed.iter().cloned().map(Event::Fixed));
    Some(Affected {
        package: None,
        ranges: vec![Range { kind: "GIT", repo: Some(repo.to_owned()), events: events.collect() }],
    })
}

/// GitHub's word for an ecosystem in the format's words.
fn ecosystem(github: &str) -> Option<&'static str> {
    Some(match github {
        "rust" => "crates.io",
        "npm" => "npm",
        "pip" => "PyPI",
        "go" => "Go",
        "maven" => "Maven",
        "nuget" => "NuGet",
        "rubygems" => "RubyGems",
        "composer" => "Packagist",
        "erlang" => "Hex",
        "pub" => "Pub",
        "swift" => "SwiftURL",
        "actions" => "GitHub Actions",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ecosystem: &str, from: &str, to: &str) -> Vulnerability {
        Vulnerability {
            ecosystem: ecosystem.into(),
            package: Some("weir".into()),
            vulnerable_version_range: Some(format!(">= {from}, < {to}")),
            patched_versions: Some(to.into()),
        }
    }

    fn entry() -> Entry {
        Entry {
            schema_version: SCHEMA_VERSION,
            id: "GHSA-23cf-ghjm-pqrv".into(),
            modified: "2026-03-09T17:00:00Z".into(),
            published: "2026-03-09T17:00:00Z".into(),
            aliases: vec!["CVE-2026-1234".into()],
            summary: "Depth is not bounded".into(),
            details: "x".into(),
            severity: severity(Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")),
            affected: packages(&[line("rust", "1.2.0", "1.2.4"), line("rust", "1.3.0", "1.3.1")])
                .into_iter()
                .chain(history("https://github.com/brightwater/weir", &[], &["a".repeat(40)]))
                .collect(),
            references: vec![Reference { kind: "ADVISORY", url: "https://example.org".into() }],
        }
    }

    /// The parts of the official schema that concern the fields written here.
    fn schema() -> serde_json::Value {
        serde_json::json!({
            "type": "object",
            "required": ["id", "modified"],
            "additionalProperties": false,
            "properties": {
                "schema_version": {"type": "string"},
                "id": {"type": "string", "pattern": "^(GHSA|CVE|RUSTSEC)-"},
                "modified": {"type": "string", "pattern": "^[0-9-]{10}T[0-9:.]+Z$"},
                "published": {"type": "string", "pattern": "^[0-9-]{10}T[0-9:.]+Z$"},
                "aliases": {"type": "array", "items": {"type": "string"}},
                "summary": {"type": "string"},
                "details": {"type": "string"},
                "severity": {"type": "array", "items": {
                    "required": ["type", "score"],
                    "properties": {"type": {"enum": ["CVSS_V2", "CVSS_V3", "CVSS_V4", "Ubuntu"]}}
                }},
                "affected": {"type": "array", "items": {"properties": {
                    "package": {"required": ["ecosystem", "name"]},
                    "ranges": {"type": "array", "items": {
                        "required": ["type", "events"],
                        "properties": {
                            "type": {"enum": ["GIT", "SEMVER", "ECOSYSTEM"]},
                            "events": {"type": "array", "minItems": 1,
                                "contains": {"required": ["introduced"]},
                                "items": {"minProperties": 1, "maxProperties": 1}}
                        },
                        "if": {"properties": {"type": {"const": "GIT"}}},
                        "then": {"required": ["repo"]}
                    }}
                }}},
                "references": {"type": "array", "items": {
                    "required": ["type", "url"],
                    "properties": {"type": {"enum": ["ADVISORY", "ARTICLE", "DETECTION", "DISCUSSION", "REPORT",
                        "FIX", "INTRODUCED", "GIT", "PACKAGE", "EVIDENCE", "WEB"]}}
                }}
            }
        })
    }

    #[test]
    fn entry_has_what_the_schema_requires() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let entry = serde_json::to_value(entry()).unwrap();
        let errors: Vec<String> = validator.iter_errors(&entry).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn each_line_is_a_range_of_its_own() {
        let entry = serde_json::to_value(entry()).unwrap();
        assert_eq!(
            entry["affected"][0]["ranges"][0]["events"],
            serde_json::json!([
                {"introduced": "1.2.0"}, {"fixed": "1.2.4"}, {"introduced": "1.3.0"}, {"fixed": "1.3.1"}
            ])
        );
    }

    #[test]
    fn history_begins_with_what_brought_it_if_that_is_known() {
        let events = |introduced: &[String]| {
            let history = history("https://github.com/a/b", introduced, &["f".to_owned()]).unwrap();
            serde_json::to_value(history).unwrap()["ranges"][0]["events"].clone()
        };
        assert_eq!(events(&[]), serde_json::json!([{"introduced": "0"}, {"fixed": "f"}]));
        assert_eq!(events(&["i".to_owned()]), serde_json::json!([{"introduced": "i"}, {"fixed": "f"}]));
    }

    #[test]
    fn what_no_ecosystem_knows_is_told_by_its_history() {
        assert!(packages(&[line("other", "2.4.0", "2.4.3")]).is_empty());
        assert!(history("https://github.com/a/b", &[], &[]).is_none());
    }
}
