//! Package registries: cargo's sparse index, npm's documents, PyPI's JSON.

use axum::body::Body;
use axum::response::Response;
use serde_json::{Value, json};

use super::state::ServerState;
use crate::emulator::model::StoredPackage;
use crate::emulator::reactions::begin;
use crate::emulator::spec::RegistryKind;
use crate::emulator::world::EmulatedWorld;
use crate::ids::Digest;

/// Answers a request below `/registry/`.
pub(crate) fn answer(shared: &ServerState, path: &str, host: &str) -> Response {
    let mut world = shared.world();
    if let Err(error) = begin(&mut world) {
        tracing::error!(?error, "the emulated world failed");
        return respond(500, "application/json", "{}".to_owned());
    }
    let base = format!("http://{host}/registry");
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let found = match segments.as_slice() {
        ["cargo", "config.json"] => Some(json!({"dl": format!("{base}/cargo/dl"), "api": base}).to_string()),
        ["cargo", prefix @ .., name] => package(&world, RegistryKind::Cargo, name)
            .filter(|_| prefix.join("/") == index_prefix(name))
            .map(index),
        ["npm", name @ ..] => {
            let name = name.join("/").replace("%2f", "/").replace("%2F", "/");
            package(&world, RegistryKind::Npm, &name).map(|package| document(package, &base).to_string())
        }
        ["pypi", name, "json"] => package(&world, RegistryKind::Pypi, name)
            .and_then(|package| project(package, package.versions.last()?, &base)),
        ["pypi", name, version, "json"] => {
            package(&world, RegistryKind::Pypi, name).and_then(|package| project(package, version, &base))
        }
        _ => None,
    };
    match found {
        Some(body) if segments.first() == Some(&"cargo") && segments.last() != Some(&"config.json") => {
            respond(200, "text/plain", body)
        }
        Some(body) => respond(200, "application/json", body),
        None => respond(404, "application/json", json!({"error": "Not found"}).to_string()),
    }
}

fn package<'a>(world: &'a EmulatedWorld, ecosystem: RegistryKind, name: &str) -> Option<&'a StoredPackage> {
    world.packages.get(&StoredPackage::key(ecosystem, name))
}

/// The directory of a crate in the index (Cargo book, "Index files").
fn index_prefix(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.len() {
        1 | 2 => name.len().to_string(),
        3 => format!("3/{}", &name[..1]),
        _ => format!("{}/{}", name.get(..2).unwrap_or_default(), name.get(2..4).unwrap_or_default()),
    }
}

/// The same name and version always have the same checksum.
fn checksum(package: &StoredPackage, version: &str) -> String {
    Digest::of(format!("{}/{}@{version}", package.ecosystem.as_str(), package.name)).to_string()
}

fn index(package: &StoredPackage) -> String {
    let line = |version: &String| {
        let line = json!({
            "name": package.name, "vers": version, "deps": [], "cksum": checksum(package, version),
            "features": {}, "yanked": false,
        });
        format!("{line}\n")
    };
    package.versions.iter().map(line).collect()
}

fn document(package: &StoredPackage, base: &str) -> Value {
    let mut versions = serde_json::Map::new();
    for version in &package.versions {
        let tarball = format!("{base}/npm/{}/-/{version}.tgz", package.name);
        let one = json!({
            "name": package.name, "version": version,
            "dist": {"shasum": &checksum(package, version)[..40], "tarball": tarball},
        });
        versions.insert(version.clone(), one);
    }
    json!({
        "_id": package.name, "name": package.name, "dist-tags": {"latest": package.versions.last()},
        "versions": versions,
    })
}

fn project(package: &StoredPackage, version: &str, base: &str) -> Option<String> {
    let known = package.versions.iter().any(|known| known == version);
    let file = format!("{}-{version}.tar.gz", package.name);
    let body = json!({
        "info": {"name": package.name, "version": version, "yanked": false},
        "urls": [{"filename": file, "packagetype": "sdist", "url": format!("{base}/pypi/files/{file}"),
                  "digests": {"sha256": checksum(package, version)}, "yanked": false}],
    });
    known.then(|| body.to_string())
}

fn respond(status: u16, kind: &str, body: String) -> Response {
    let response = Response::builder().status(status).header("content-type", kind).body(Body::from(body));
    response.unwrap_or_else(|_| Response::new(Body::empty()))
}
