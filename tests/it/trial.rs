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

#[test]
fn tags_with_other_marks_between_their_numbers_are_released_and_a_form_unlike_them_is_refused() {
    let package = "package = { ecosystem = \"pip\", name = \"pump\" }";
    let mut project = Project::new(package, IN_A_FILE);
    project.release("1.2.2", "release_1_2_2");
    project.release("1.2.3", "release_1_2_3");
    project.released = "trigger = \"push-tag\"\ntag = \"release_{version}\"".to_owned();
    let words = [
        "written like `release_1_2_3`",
        "would make `release_1.2.3`",
        "tag = \"release_{major}_{minor}_{patch}\"",
    ];
    refused(&project, "catalog.toml:", &words);
    project.released = "trigger = \"push-tag\"\ntag = \"release_{major}_{minor}_{patch}\"".to_owned();
    expect(&project.rehearse(), 0);
    let tags = project.world(&["tag", "--list"]);
    assert_eq!(tags, "release_1_2_2\nrelease_1_2_3\nrelease_1_2_4");
    assert_eq!(project.events(), ["introduced 1.2.2", "fixed 1.2.4"]);
    // From now on in another way.
    project.released =
        "trigger = \"push-tag\"\ntag = \"v{version}\"\nearlier-tags = [\"release_{major}_{minor}_{patch}\"]"
            .to_owned();
    expect(&project.plan(), 0);

    let project = Project::new(package, IN_A_FILE);
    project.release("1.2.2", "REL_1_2_2");
    project.release("1.2.3", "REL_1_2_3");
    project.write();
    expect(&project.run(&["init", "--mirror", "acme/pump=pump.git", "--dir", "."]), 0);
    let catalog = fs::read_to_string(project.path().join("catalog.toml")).unwrap();
    assert!(catalog.contains("tag = \"REL_{major}_{minor}_{patch}\""), "{catalog}");
}
