//! `octokit.js`, GitHub's own client in JavaScript, which nobody here wrote, against `lockgate emulate`: a release from its
//! advisory to its files, by the typed methods.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::openapi::validated;
use crate::support::{Served, absent, client, copy, edit, expect, fixture};

/// The script: `tests/it/octokit/release.mjs`.
fn script() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/octokit/release.mjs"))
}

#[test]
fn octokit_makes_a_release_from_its_advisory_to_its_files() {
    let missing = "LOCKGATE_OCTOKIT names no folder in which npm installed `octokit`";
    let Some(octokit) = absent(std::env::var_os("LOCKGATE_OCTOKIT"), missing) else { return };
    let Some(node) = client("node", "Debian's package `nodejs`") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (demo, out) = (folder.path().join("demo"), folder.path().join("out"));
    copy(&fixture("demo"), &demo);
    for (from, to) in [
        ("start = ", "record = true\nstart = "),
        ("appears = \"15s\"\ndelay = \"4m\"", ""),
        ("appears = \"40s\"\ndelay = \"9m\"\nflakes = 1", ""),
    ] {
        edit(&demo, "world.toml", from, to);
    }
    let server = Served::with(&[demo.as_os_str(), "--keep".as_ref(), out.as_os_str()]);
    let output = Command::new(node)
        .arg(script())
        .env("OCTOKIT", octokit)
        .env("API", format!("http://{}/api/v3", server.address))
        .output()
        .unwrap();
    expect(&output, 0);
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (what, value) in [
        ("login", json!("mara")),
        ("branches", json!(["main", "release/1.x", "release/2.x", "release/3.x"])),
        ("advisory", json!("draft")),
        ("fork", json!(true)),
        ("severity", json!("critical")),
        ("nonsense", json!(422)),
        ("hidden", json!(404)),
        ("twice", json!(422)),
        ("compared", json!(["FIX"])),
        ("reviews", json!(["APPROVED"])),
        ("checks", json!(["success", "success"])),
        ("diff", json!(true)),
        ("moved", json!(409)),
        ("merged", json!(true)),
        ("asset", json!(["notes.txt", 5])),
        ("file", json!("text\n")),
        ("latest", json!("SLUICE-3.1.0")),
        ("graphql", json!("MERGED")),
        ("unchanged", json!(304)),
    ] {
        assert_eq!(seen[what], value, "{what}: {seen:#}");
    }
    if let Some(counts) = validated(&out) {
        counts.conclude("octokit");
    }
}
