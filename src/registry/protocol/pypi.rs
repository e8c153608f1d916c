//! The JSON interface of the Python Package Index: one document for each version.

use serde::Deserialize;

use crate::ecosystem::Ecosystem;
use crate::registry::answer::RegistryAnswer;
use crate::registry::facts::{ProtocolFacts, is_plain};

pub(super) const FACTS: ProtocolFacts =
    ProtocolFacts { word: "pypi", ecosystem: Ecosystem::Pip, takes: is_plain, segments, accept: None, read };

#[derive(Deserialize)]
struct PypiDocument {
    urls: Vec<Distribution>,
}

#[derive(Deserialize)]
struct Distribution {
    packagetype: Option<String>,
    digests: Option<DistributionDigests>,
    #[serde(default)]
    yanked: bool,
}

#[derive(Deserialize)]
struct DistributionDigests {
    sha256: Option<String>,
}

fn segments(name: &str, version: &str) -> Vec<String> {
    vec![name.to_owned(), version.to_owned(), "json".to_owned()]
}

fn read(_: &str, body: &str) -> Result<RegistryAnswer, serde_json::Error> {
    let document: PypiDocument = serde_json::from_str(body)?;
    // A release without files cannot be installed.
    let source = document.urls.iter().find(|file| file.packagetype.as_deref() == Some("sdist"));
    let Some(file) = source.or(document.urls.first()) else { return Ok(RegistryAnswer::Absent) };
    let yanked = document.urls.iter().all(|file| file.yanked);
    let checksum = file.digests.as_ref().and_then(|digests| digests.sha256.clone());
    Ok(RegistryAnswer::of(checksum, yanked))
}
