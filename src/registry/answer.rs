//! The three protocols: where a package is asked for, and what its answer means.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::package::{Ecosystem, Known, Package};

/// The path segments below the registry's root.
pub(super) fn segments(package: &Package, version: &str) -> Vec<String> {
    match package.ecosystem() {
        Ecosystem::Cargo => {
            let name = package.name().to_ascii_lowercase();
            let mut segments = sparse_prefix(&name);
            segments.push(name);
            segments
        }
        Ecosystem::Npm => vec![package.name().to_owned()],
        Ecosystem::Pypi => vec![package.name().to_owned(), version.to_owned(), "json".to_owned()],
    }
}

/// The directories of a name in a cargo index (Cargo book, "Index files"). Names are ASCII.
fn sparse_prefix(name: &str) -> Vec<String> {
    match name.len() {
        1 => vec!["1".to_owned()],
        2 => vec!["2".to_owned()],
        3 => vec!["3".to_owned(), name[..1].to_owned()],
        _ => vec![name[..2].to_owned(), name[2..4].to_owned()],
    }
}

/// What the answer says of this version.
pub(super) fn read(package: &Package, version: &str, body: &str) -> Result<Known, serde_json::Error> {
    match package.ecosystem() {
        Ecosystem::Cargo => cargo(version, body),
        Ecosystem::Npm => npm(version, body),
        Ecosystem::Pypi => pypi(body),
    }
}

fn known(checksum: Option<String>, yanked: bool) -> Known {
    if yanked { Known::Yanked } else { Known::Published { checksum } }
}

/// One line of JSON for each version.
fn cargo(version: &str, body: &str) -> Result<Known, serde_json::Error> {
    #[derive(Deserialize)]
    struct Line {
        vers: String,
        cksum: String,
        #[serde(default)]
        yanked: bool,
    }
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line)?;
        if line.vers == version {
            return Ok(known(Some(line.cksum), line.yanked));
        }
    }
    Ok(Known::Absent)
}

fn npm(version: &str, body: &str) -> Result<Known, serde_json::Error> {
    #[derive(Deserialize)]
    struct Document {
        #[serde(default)]
        versions: BTreeMap<String, Version>,
    }
    #[derive(Deserialize)]
    struct Version {
        dist: Option<Dist>,
    }
    #[derive(Deserialize)]
    struct Dist {
        integrity: Option<String>,
        shasum: Option<String>,
    }
    let mut document: Document = serde_json::from_str(body)?;
    Ok(match document.versions.remove(version) {
        Some(found) => known(found.dist.and_then(|dist| dist.integrity.or(dist.shasum)), false),
        None => Known::Absent,
    })
}

fn pypi(body: &str) -> Result<Known, serde_json::Error> {
    #[derive(Deserialize)]
    struct Document {
        urls: Vec<File>,
    }
    #[derive(Deserialize)]
    struct File {
        packagetype: Option<String>,
        digests: Option<Digests>,
        #[serde(default)]
        yanked: bool,
    }
    #[derive(Deserialize)]
    struct Digests {
        sha256: Option<String>,
    }
    let document: Document = serde_json::from_str(body)?;
    // A release without files cannot be installed.
    let source = document.urls.iter().find(|file| file.packagetype.as_deref() == Some("sdist"));
    let Some(file) = source.or(document.urls.first()) else { return Ok(Known::Absent) };
    let yanked = document.urls.iter().all(|file| file.yanked);
    Ok(known(file.digests.as_ref().and_then(|digests| digests.sha256.clone()), yanked))
}
