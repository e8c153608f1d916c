//! The entry for the RustSec database: front matter in TOML, the text in Markdown (rustsec/advisory-db,
//! EXAMPLE_ADVISORY.md).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::numbering::Version;

/// What an entry tells.
pub(in crate::steps) struct Facts<'a> {
    pub(in crate::steps) package: &'a str,
    pub(in crate::steps) date: Timestamp,
    pub(in crate::steps) url: &'a str,
    pub(in crate::steps) aliases: Vec<String>,
    pub(in crate::steps) cvss: Option<&'a str>,
    /// The released versions, one a line.
    pub(in crate::steps) fixed: Vec<Version>,
    pub(in crate::steps) title: &'a str,
    pub(in crate::steps) description: &'a str,
}

#[derive(Serialize)]
struct FrontMatter<'a> {
    advisory: Head<'a>,
    versions: Versions,
}

#[derive(Serialize)]
struct Head<'a> {
    /// The database assigns the number when it takes the entry.
    id: &'static str,
    package: &'a str,
    date: String,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cvss: Option<&'a str>,
    aliases: Vec<String>,
}

#[derive(Serialize)]
struct Versions {
    patched: Vec<String>,
}

/// The whole text of an entry.
pub(in crate::steps) fn entry(facts: &Facts<'_>) -> Result<String, toml::ser::Error> {
    let front = FrontMatter {
        advisory: Head {
            id: "RUSTSEC-0000-0000",
            package: facts.package,
            date: facts.date.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string(),
            url: facts.url,
            cvss: facts.cvss,
            aliases: facts.aliases.clone(),
        },
        versions: Versions { patched: patched(facts.fixed.clone()) },
    };
    let text = if facts.description.trim().is_empty() { facts.title } else { facts.description };
    Ok(format!("```toml\n{}```\n\n# {}\n\n{}\n", toml::to_string(&front)?, facts.title, text.trim()))
}

/// Every line from its fixed version to its end, and the newest without one: what lies between two lines was never
/// fixed.
fn patched(mut fixed: Vec<Version>) -> Vec<String> {
    fixed.sort();
    let newest = fixed.len().saturating_sub(1);
    let range = |(index, version): (usize, &Version)| {
        if index == newest {
            format!(">= {version}")
        } else {
            let semver = version.semver().map(|version| (version.major, version.minor + 1));
            match semver {
                Some((major, minor)) => format!(">= {version}, < {major}.{minor}.0"),
                None => format!(">= {version}"),
            }
        }
    };
    fixed.iter().enumerate().map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    #[test]
    fn entry_reads_as_the_database_wants_it() {
        let facts = Facts {
            package: "weir",
            date: "2026-03-09T17:00:00Z".parse().unwrap(),
            url: "https://github.com/brightwater/weir/security/advisories/GHSA-23cf-ghjm-pqrv",
            aliases: vec!["CVE-2026-1234".into()],
            cvss: None,
            fixed: vec![semver("36.0.4"), semver("24.0.9")],
            title: "Depth is not bounded",
            description: "A deep input overflows the stack.\n",
        };
        let text = entry(&facts).unwrap();
        let front = text.strip_prefix("```toml\n").unwrap().split_once("```").unwrap().0;
        let front: toml::Table = front.parse().unwrap();
        assert_eq!(front["advisory"]["date"].as_str(), Some("2026-03-09"));
        assert_eq!(front["versions"]["patched"][0].as_str(), Some(">= 24.0.9, < 24.1.0"));
        assert_eq!(front["versions"]["patched"][1].as_str(), Some(">= 36.0.4"));
        assert!(text.ends_with("\n# Depth is not bounded\n\nA deep input overflows the stack.\n"));
    }
}
