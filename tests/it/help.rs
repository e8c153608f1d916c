//! A conflict that is resolved on one line helps the older line that conflicts in the same way.

use std::fs;
use std::path::Path;

use crate::support::{World, expect, fixture, git, run, said};

const FORK: &str = "brightwater/gauge-ghsa-3g8f-wv5j-m2cx";
const RESOLVED: &str = "resolved/GHSA-3g8f-wv5j-m2cx/release/1.x";

/// An older line, made of what was released as 1.2.1.
const OLDER: &str = r#"
[[commit]]
branch = "release/1.1.x"
from = "v1.2.1"
author = "Ines Falk <ines@brightwater.example>"
date = "2025-04-01T10:00:00Z"
message = "An older line"
patch = "06-older.patch"
"#;

const PATCH: &str =
    "diff --git a/VERSION b/VERSION\n--- a/VERSION\n+++ b/VERSION\n@@ -1 +1 @@\n-1.2.1\n+1.1.7\n";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The fixture of the conflict, with one line more.
fn with_an_older_line(folder: &Path) {
    copy(&fixture("conflict"), folder);
    let history = folder.join("world/gauge/history.toml");
    let text = fs::read_to_string(&history).unwrap();
    fs::write(&history, text + OLDER).unwrap();
    fs::write(folder.join("world/gauge/06-older.patch"), PATCH).unwrap();
    let catalog = folder.join("catalog.toml");
    let text = fs::read_to_string(&catalog).unwrap();
    fs::write(&catalog, text.replace("lines = [", "lines = [\"release/1.1.x\", ")).unwrap();
}

#[test]
fn bp_31_what_was_resolved_on_the_newer_line_serves_the_older_one_and_needs_review() {
    let release = tempfile::tempdir().unwrap();
    with_an_older_line(release.path());
    let world = World::new();
    let rehearse = || {
        let kept = world.path();
        run(["rehearse".as_ref(), release.path().as_os_str(), "--keep".as_ref(), kept.as_os_str()])
    };
    let output = rehearse();
    expect(&output, 11);
    // Both lines ask: neither holds the other.
    for line in ["release/1.1.x", "release/1.x"] {
        assert!(said(&output).contains(&format!("resolved/GHSA-3g8f-wv5j-m2cx/{line}")), "{}", said(&output));
    }

    let folder = tempfile::tempdir().unwrap();
    let fork = world.repository(FORK);
    git(folder.path(), &["clone", "-q", "-b", "release/1.x", fork.to_str().unwrap(), "gauge"]);
    let clone = folder.path().join("gauge");
    git(&clone, &["checkout", "-q", "-b", RESOLVED]);
    git(&clone, &["am", "-q", fixture("conflict/resolution.patch").to_str().unwrap()]);
    git(&clone, &["push", "-q", "origin", RESOLVED]);

    expect(&rehearse(), 0);
    let report = world.report();
    let targets = report["targets"].as_array().unwrap();
    let older = targets.iter().find(|target| target["branch"] == "release/1.1.x").unwrap();
    let review = older["review"].to_string();
    assert!(review.contains("what release/1.x made of it"), "{older}");
    assert!(
        review.contains("exactly the lines of the fix") || review.contains("differs from the fix"),
        "{older}"
    );
}
