//! A release of which a file never comes, and a registry that never has the version: what people may continue without,
//! and that it is recorded with who and why.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{World, edit, expect, run, said, without_the_conflict};

const FILES: &str = "await-release/brightwater/gauge/release/2.x";
const REGISTRY: &str = "await-registry/brightwater/gauge/release/2.x";

/// The fixture of the conflict without the line that conflicts; its CI makes one file of two, and publishes nothing.
fn release(folder: &Path) {
    without_the_conflict(folder);
    let edit = |name: &str, from: &str, to: &str| edit(folder, name, from, to);
    edit(
        "catalog.toml",
        "tag = \"v{version}\"",
        "tag = \"v{version}\"\nassets = [\"gauge.tar.gz\", \"gauge.zip\"]",
    );
    edit(
        "catalog.toml",
        "{ ecosystem = \"other\", name = \"gauge\" }",
        "{ ecosystem = \"rust\", name = \"gauge\", registry = true }",
    );
    edit(
        "world.toml",
        "[repos.release.release]\ndelay = \"1m\"",
        "[repos.release.release]\ndelay = \"1m\"\nassets = [\"gauge.tar.gz\"]",
    );
    let world = folder.join("world.toml");
    let package =
        "\n[[packages]]\necosystem = \"cargo\"\nname = \"gauge\"\nversions = [\"1.2.1\", \"2.0.0\"]\n";
    fs::write(&world, fs::read_to_string(&world).unwrap() + package).unwrap();
}

/// A decision about the kept rehearsal.
fn waive(out: &str, step: &str) -> String {
    let output = run(["waive", step, "--as", "mara", "--reason", "it is built by hand", "--dir", out]);
    expect(&output, 0);
    said(&output)
}

#[test]
fn what_never_comes_is_waived_by_name_with_a_reason() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path());
    let kept = world.path();
    let out = kept.to_str().unwrap();
    let output = run(["rehearse", folder.path().to_str().unwrap(), "--keep", out]);
    expect(&output, 11);

    let status = said(&run(["status", out]));
    assert!(status.contains("1 of 2 files of the release v2.0.1"), "{status}");
    assert!(status.contains("`gauge.zip`") && status.contains("attach them by hand"), "{status}");
    assert!(status.contains(&format!("lockgate waive {FILES} ")), "{status}");
    let told = waive(out, FILES);
    assert!(told.contains("the release counts as complete as it is"), "{told}");

    let output = run(["resume", out]);
    expect(&output, 11);
    let told = said(&output);
    assert!(told.contains("cargo:gauge 2.0.1 in its registry"), "{told}");
    assert!(told.contains(&format!("lockgate waive {REGISTRY} ")), "{told}");
    waive(out, REGISTRY);
    expect(&run(["resume", out]), 0);

    let line = line(&world.report());
    assert_eq!(line["assets"], serde_json::json!(["gauge.tar.gz"]), "{line}");
    assert_eq!(line["registry"], "waived: it is built by hand", "{line}");
    let log = said(&run(["log", out]));
    assert!(log.contains(FILES) && log.contains("it is built by hand"), "{log}");
}

fn line(report: &Value) -> Value {
    let targets = report["targets"].as_array().unwrap();
    targets.iter().find(|target| target["branch"] == "release/2.x").unwrap().clone()
}
