//! What would fail before the gate `ready`, found when the plan is made: the notes of every release.

use std::fs;

use crate::project::{IN_A_FILE, Project};
use crate::support::{expect, said};

const NOTES: &str =
    "\n[repo.notes]\nfile = \"CHANGELOG.md\"\nheading = \"## {version}\"\nentry = \"- {summary}\"\n";
const LOG: &str = "# Changelog\n\n## 1.2.3\n\n- a\n";

/// A project with one release, whose changelog says this, under these notes.
fn project(notes: &str, log: &str) -> Project {
    let mut project = Project::new("package = { ecosystem = \"pip\", name = \"pump\" }", IN_A_FILE);
    project.commit(&[("CHANGELOG.md", log)], "a changelog");
    project.release("1.2.3", "v1.2.3");
    project.released = format!("trigger = \"push-tag\"\ntag = \"v{{version}}\"\n{notes}");
    project
}

fn refused(project: &Project, place: &str, words: &[&str]) {
    let output = project.plan();
    expect(&output, 2);
    let told = said(&output);
    let line = told.lines().find(|line| line.contains(place));
    assert!(line.is_some(), "{place} in {told}");
    for word in words {
        assert!(told.replace(['\n', '|'], " ").contains(word), "{word} in {told}");
    }
}

#[test]
fn cve_that_is_only_requested_is_named_by_no_note() {
    let named = NOTES.replace("{summary}", "{summary} ({cve})");
    let mut project = project(&named, LOG);
    refused(&project, "catalog.toml:", &["want `{cve}`", "cve = \"require\""]);
    project.cve = "\"require\"".to_owned();
    expect(&project.rehearse(), 0);
    let log = project.world(&["show", "main:CHANGELOG.md"]);
    assert!(log.contains("- Long input exhausts memory (CVE-"), "{log}");
}

#[test]
fn letter_that_the_changelog_cannot_hold_is_found_in_the_summary() {
    let mut project = project(NOTES, LOG);
    let path = project.path().join("pump/CHANGELOG.md");
    fs::write(&path, b"# Changelog\n\n## 1.2.3\n\n- J\xF6rg\n").unwrap();
    project.commit(&[], "in Latin-1");
    expect(&project.plan(), 0);
    project.summary = "Zażółć exhausts memory".to_owned();
    refused(
        &project,
        "release.toml:",
        &["`ż` cannot be written in ISO 8859-1", "convert that file to UTF-8 first"],
    );
}

#[test]
fn changelog_without_a_place_for_the_release_is_found() {
    let log = "# Changelog\n\nReleases\n\n* one thing\n* another\n";
    refused(&project(NOTES, log), "catalog.toml:", &["cannot tell where the section of 1.2.4 belongs"]);
    let missing = NOTES.replace("CHANGELOG.md", "NEWS.md");
    refused(
        &project(&missing, LOG),
        "catalog.toml:",
        &["`NEWS.md` is not in the tree", "missing = \"create\""],
    );
}

#[test]
fn advisory_of_which_nothing_says_how_severe_it_is_is_refused() {
    let mut silent = project(NOTES, LOG);
    silent.severity = String::new();
    let rate = "write `cvss`, or `severity`: `low`, `medium`, `high` or `critical`";
    refused(&silent, "release.toml:8:1", &["nothing says how severe", "GitHub publishes none without", rate]);
    // One of two.
    silent.severity = "severity = \"low\"".to_owned();
    silent.fix += "\n\n[[advisory]]\nid = \"GHSA-3c4f-6g7h-8j9m\"\nrepo = \"acme/pump\"\nsummary = \"Another\"\n\
                   description = \"It is.\"\ncve = \"none\"\n\n[[advisory.fix]]\nrepo = \"acme/pump\"\n\
                   patches = [\"fixes/0001.patch\"]";
    refused(&silent, "release.toml:20:1", &["nothing says how severe GHSA-3c4f-6g7h-8j9m is"]);
}
