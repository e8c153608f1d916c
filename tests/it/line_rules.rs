//! Lines that differ from the others of their repository: another form of tags, another place of the version, another
//! changelog; in the catalog, and in the one that `init` writes.

use std::fs;

use crate::project::{PUMP, Project, SOURCE};
use crate::support::{expect, said};

const VERSION: &str = "kind = \"version-file\"";
const LINES: &str = "lines = [\"4.x\"]\nrelease-default-branch = true\n\
                     package = { ecosystem = \"npm\", name = \"pump\" }";
const LINE: &str = "[[repo.line]]\nbranch = \"4.x\"\ntag = \"{version}\"\n\
     version = { kind = \"text\", file = \"lib/version.js\", text = \"version = '{version}'\" }\n\
     notes = { file = \"History.md\", heading = \"{version} / {date}\", entry = \"  * {summary}\" }";

/// A project that had another form of everything when its older line was cut.
fn grown() -> Project {
    let project = Project::new(LINES, VERSION);
    for version in ["4.0.0", "4.1.0"] {
        let notes = format!("{version} / 2026-01-07\n==================\n\n  * deps: more\n\n");
        let code = format!("exports.version = '{version}';\n");
        project.commit(&[("lib/version.js", &code), ("History.md", &notes)], version);
        project.git(&["tag", "-a", version, "-m", version]);
    }
    project.on("4.x");
    project.on("main");
    project.git(&["rm", "-q", "-r", "lib", "History.md"]);
    for version in ["5.0.0", "5.1.0"] {
        let notes = format!("# Changes\n\n## {version}\n\n- All is new.\n");
        project.commit(&[("VERSION", &format!("{version}\n")), ("CHANGES.md", &notes)], version);
        project.git(&["tag", "-a", &format!("v{version}"), "-m", version]);
    }
    project
}

#[test]
fn line_with_tags_version_and_notes_of_its_own_is_released_in_its_own_form() {
    for trigger in ["\"push-tag\"", "{ dispatch = \"release.yml\" }"] {
        let mut project = grown();
        project.released = format!(
            "trigger = {trigger}\ntag = \"v{{version}}\"\n\n[repo.notes]\nfile = \"CHANGES.md\"\n\
             heading = \"## {{version}}\"\nentry = \"- {{summary}}\"\n\n{LINE}"
        );
        expect(&project.rehearse(), 0);
        for (branch, tag, notes) in [
            ("4.x", "4.1.1", "4.1.1 / 2027-01-12\n==================\n\n  * Long"),
            ("main", "v5.1.1", "## 5.1.1\n\n- Long"),
        ] {
            let at = |place: &str| project.world(&["show", place]);
            assert!(at(&format!("{tag}:{SOURCE}")).starts_with("limit = 64"), "{trigger}: {tag}");
            let file = if branch == "main" { "CHANGES.md" } else { "History.md" };
            assert!(at(&format!("{branch}:{file}")).contains(notes), "{}", at(&format!("{branch}:{file}")));
        }
        assert_eq!(project.world(&["show", "4.x:lib/version.js"]), "exports.version = '4.1.1';");
        let tags = project.world(&["tag", "--list"]);
        let mut tags: Vec<&str> = tags.lines().collect();
        tags.sort_unstable();
        assert_eq!(tags, ["4.0.0", "4.1.0", "4.1.1", "v5.0.0", "v5.1.0", "v5.1.1"]);
        assert_eq!(project.events(), ["introduced 4.0.0", "fixed 4.1.1", "introduced 5.0.0", "fixed 5.1.1"]);
    }
}

#[test]
fn line_is_released_by_the_workflow_of_its_own_and_none_where_nothing_is_dispatched() {
    let mut project = grown();
    let with = |trigger: &str| {
        let line = "[[repo.line]]\nbranch = \"4.x\"\ndispatch = \"release-4.yml\"\ntag = \"{version}\"\n\
                    version = { kind = \"text\", file = \"lib/version.js\", text = \"version = '{version}'\" }";
        format!("trigger = {trigger}\ntag = \"v{{version}}\"\n\n{line}")
    };
    project.released = with("{ dispatch = \"release.yml\" }");
    let plan = project.plan();
    expect(&plan, 0);
    assert!(
        said(&plan).contains("(released by dispatching release.yml, 4.x release-4.yml)"),
        "{}",
        said(&plan)
    );
    expect(&project.rehearse(), 0);
    let tags = project.world(&["tag", "--list"]);
    assert!(tags.lines().any(|tag| tag == "4.1.1") && tags.lines().any(|tag| tag == "v5.1.1"), "{tags}");
    project.released = with("\"push-tag\"");
    let plan = project.plan();
    expect(&plan, 2);
    assert!(said(&plan).contains("nothing of this repository is released by a dispatch"), "{}", said(&plan));
}

#[test]
fn line_whose_releases_are_told_elsewhere_gets_no_note() {
    let mut project = grown();
    let line = LINE.replace(
        "{ file = \"History.md\", heading = \"{version} / {date}\", entry = \"  * {summary}\" }",
        "\"none\"",
    );
    project.released = format!(
        "trigger = \"push-tag\"\ntag = \"v{{version}}\"\n\n[repo.notes]\nfile = \"CHANGES.md\"\n\
         heading = \"## {{version}}\"\nentry = \"- {{summary}}\"\n\n{line}"
    );
    expect(&project.rehearse(), 0);
    assert!(!project.world(&["show", "4.x:History.md"]).contains("4.1.1"));
    assert!(project.world(&["show", "main:CHANGES.md"]).contains("## 5.1.1"));
}

#[test]
fn init_writes_what_is_different_on_a_line() {
    let project = grown();
    project.write();
    expect(&project.run(&["init", "--mirror", "acme/pump=pump.git", "--dir", "."]), 0);
    let text = fs::read_to_string(project.path().join("catalog.toml")).unwrap();
    for line in
        ["branch = \"4.x\"", "tag = \"{version}\"", "# its newest tag is `4.1.0`", "kind = \"version-file\""]
    {
        assert!(text.lines().any(|found| found == line), "`{line}` is not in\n{text}");
    }
    assert!(text.contains("notes = { file = \"History.md\", heading = \"{version} / {date}\""), "{text}");
    // What init wrote is planned as it is, but for what it marked.
    let text = text.replace("\"your-login\"", "\"ada\"");
    fs::write(project.path().join("release/catalog.toml"), text).unwrap();
    let plan = project.run(&["plan", "release", "--long", "--mirror", &format!("{PUMP}=pump.git")]);
    expect(&plan, 0);
    let text = said(&plan);
    assert!(text.contains("4.1.0 -> 4.1.1 (4.1.1)") && text.contains("5.1.0 -> 5.1.1 (v5.1.1)"), "{text}");
}

#[test]
fn development_versions_of_the_default_branch_are_none_of_lines_that_have_none() {
    let project = Project::new("", "");
    let states = |version: &str| project.commit(&[("VERSION", &format!("{version}\n"))], version);
    states("1.0.0");
    project.git(&["tag", "v1.0.0"]);
    project.on("1.0.x");
    project.on("main");
    states("1.1.0-dev");
    project.write();
    expect(&project.run(&["init", "--mirror", "acme/pump=pump.git", "--dir", "."]), 0);
    let text = fs::read_to_string(project.path().join("catalog.toml")).unwrap();
    assert!(text.contains("lines = [\"1.0.x\"]") && !text.contains("after-release ="), "{text}");
}

#[test]
fn placeholder_that_a_build_replaces_is_no_version() {
    let project = Project::new("", "");
    let module = "__version__ = \"0.0.0+unknown\"\n";
    project.commit(&[("pump/__init__.py", module), ("setup.py", "setup()\n")], "start");
    project.git(&["tag", "v0.4.0"]);
    project.write();
    expect(&project.run(&["init", "--mirror", "acme/pump=pump.git", "--dir", "."]), 0);
    let text = fs::read_to_string(project.path().join("catalog.toml")).unwrap();
    assert!(text.contains("kind = \"tags\"") && !text.contains("python-module\""), "{text}");
}
