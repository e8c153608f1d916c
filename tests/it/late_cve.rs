//! A CVE that arrives after the disclosure time.

use std::fs;

use serde_json::Value;

use crate::support::{World, copy, edit, fixture, rehearsed};

/// The demo in a world that assigns the CVE eight days after the disclosure, with this wish of each advisory.
fn rehearsed_with(wish: &str) -> (World, Value) {
    let release = tempfile::tempdir().unwrap();
    copy(&fixture("demo"), release.path());
    edit(release.path(), "world.toml", "delay = \"52h\"", "delay = \"400h\"");
    edit(release.path(), "release.toml", "[[advisory]]\n", &format!("[[advisory]]\ncve = \"{wish}\"\n"));
    let world = World::new();
    rehearsed(&world, release.path(), 0);
    let report = world.report();
    (world, report)
}

fn published(report: &Value) -> &str {
    report["advisories"][0]["published"].as_str().unwrap()
}

#[test]
fn release_day_does_not_wait_for_it_and_it_is_written_in_when_it_arrives() {
    let (world, report) = rehearsed_with("request");
    assert!(published(&report).starts_with("2026-03-10T"), "{}", published(&report));
    assert_eq!(report["advisories"][0]["cve"], "CVE-2026-90411");
    assert!(report["advisories"][0].get("cve_owed").is_none());
    let id = report["advisories"][0]["id"].as_str().unwrap();
    let entry = fs::read_to_string(world.path().join("entries").join(format!("{id}.json"))).unwrap();
    assert!(entry.contains("CVE-2026-90411"), "{entry}");
}

#[test]
fn release_day_waits_for_it_where_the_release_requires_it() {
    let (_world, report) = rehearsed_with("require");
    assert!(published(&report) > "2026-03-18T", "{}", published(&report));
    assert_eq!(report["advisories"][0]["cve"], "CVE-2026-90411");
}
