//! npm's package documents: one for all versions of a package.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ecosystem::Ecosystem;
use crate::registry::answer::RegistryAnswer;
use crate::registry::facts::{ProtocolFacts, is_plain};

pub(super) const FACTS: ProtocolFacts = ProtocolFacts {
    word: "npm",
    ecosystem: Ecosystem::Npm,
    takes,
    segments,
    // The short form; the whole document of a large package has tens of megabytes.
    accept: Some("application/vnd.npm.install-v1+json, application/json;q=0.8"),
    read,
};

#[derive(Deserialize)]
struct NpmDocument {
    #[serde(default)]
    versions: BTreeMap<String, NpmVersion>,
}

#[derive(Deserialize)]
struct NpmVersion {
    dist: Option<NpmDist>,
}

#[derive(Deserialize)]
struct NpmDist {
    integrity: Option<String>,
    shasum: Option<String>,
}

/// `name` or `@scope/name`.
fn takes(name: &str) -> bool {
    match name.strip_prefix('@') {
        Some(scoped) => scoped.split_once('/').is_some_and(|(scope, name)| is_plain(scope) && is_plain(name)),
        None => is_plain(name),
    }
}

fn segments(name: &str, _: &str) -> Vec<String> {
    vec![name.to_owned()]
}

fn read(version: &str, body: &str) -> Result<RegistryAnswer, serde_json::Error> {
    let mut document: NpmDocument = serde_json::from_str(body)?;
    Ok(match document.versions.remove(version) {
        Some(found) => RegistryAnswer::of(found.dist.and_then(|dist| dist.integrity.or(dist.shasum)), false),
        None => RegistryAnswer::Absent,
    })
}
