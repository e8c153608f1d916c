//! The entry for the RustSec database: front matter in TOML, the text in Markdown (rustsec/advisory-db,
//! EXAMPLE_ADVISORY.md).

use jiff::tz::TimeZone;
use serde::Serialize;

use super::file::{RecordError, RecordFile};
use super::vulnerability::{AffectedPackage, Vulnerability};
use crate::ecosystem::Ecosystem;
use crate::numbering::Version;

#[derive(Serialize)]
struct FrontMatter<'a> {
    advisory: RustSecHead<'a>,
    versions: RustSecVersions,
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

#[derive(Serialize)]
struct RustSecVersions {
    patched: Vec<String>,
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
        versions: RustSecVersions { patched: patched(package.patched.clone()) },
    };
    let title = &vulnerability.title;
    let described = vulnerability.description.trim();
    let text = if described.is_empty() { title } else { described };
    Ok(format!("```toml\n{}```\n\n# {title}\n\n{text}\n", toml::to_string(&front)?))
}

/// Every line from its fixed version to its end, and the newest without one: what lies between two lines was never
/// fixed.
fn patched(mut fixed: Vec<Version>) -> Vec<String> {
    fixed.sort();
    let newest = fixed.pop();
    let older = fixed.iter().map(|version| match version.semver() {
        Some(numbers) => format!(">= {version}, < {}.{}.0", numbers.major, numbers.minor + 1),
        None => format!(">= {version}"),
    });
    let mut ranges: Vec<String> = older.collect();
    ranges.extend(newest.map(|version| format!(">= {version}")));
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::example;

    #[test]
    fn entry_reads_as_the_database_wants_it() {
        let text = files(&example()).unwrap()[0].text.clone();
        let front = text.strip_prefix("```toml\n").unwrap().split_once("```").unwrap().0;
        let front: toml::Table = front.parse().unwrap();
        assert_eq!(front["advisory"]["date"].as_str(), Some("2026-03-09"));
        assert_eq!(front["advisory"]["aliases"][1].as_str(), Some("GHSA-23cf-ghjm-pqrv"));
        assert_eq!(front["versions"]["patched"][0].as_str(), Some(">= 24.0.9, < 24.1.0"));
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
