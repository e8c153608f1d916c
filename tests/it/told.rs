//! What the world is told of versions: what has the fix already, what has none, and by which names.

use crate::project::{FAULTY, FIXED, IN_A_FILE, PIP, PUMP, Project, SOURCE};
use crate::support::{expect, said};

/// A Go module whose lines have names of their own: 1.1.2 has the fix, 3.0.0 does not, though its branch does.
fn module_with_three_lines() -> Project {
    let project = Project::new(
        "lines = [\"release-1\", \"release-2\", \"release-3\"]\n\
         package = { ecosystem = \"go\", name = \"example.org/pump/v3\" }",
        "kind = \"tags\"",
    );
    for (line, tag) in [("release-1", "v1.1.1"), ("release-2", "v2.0.3"), ("release-3", "v3.0.0")] {
        project.on("main");
        project.commit(&[("README.md", tag)], tag);
        project.on(line);
        let module = match line {
            "release-1" => "module example.org/pump\n".to_owned(),
            line => line.replace("release-", "module example.org/pump/v"),
        };
        project.commit(&[("go.mod", &module)], "a module");
        project.git(&["tag", tag]);
    }
    project.on("release-1");
    project.commit(&[(SOURCE, FIXED)], "limit: refuse what is too long");
    project.git(&["tag", "v1.1.2"]);
    project.on("release-3");
    project.commit(&[(SOURCE, FIXED)], "limit: refuse what is too long");
    project
}

/// How many suites were run on each branch, by the report.
fn suites(project: &Project) -> Vec<(&'static str, usize)> {
    let report = std::fs::read_to_string(project.path().join("out/report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let targets = report["targets"].as_array().unwrap();
    let count = |branch: &'static str| {
        let target = targets.iter().find(|target| target["branch"] == branch).unwrap();
        (branch, target["suites"].as_array().map_or(0, Vec::len))
    };
    ["main", "release-1", "release-2", "release-3"].map(count).to_vec()
}

#[test]
fn release_that_has_the_fix_already_is_told_and_no_other_is_made_unless_it_is_asked_for() {
    let mut project = module_with_three_lines();
    let rehearsed = project.rehearse();
    expect(&rehearsed, 0);
    let text = said(&rehearsed);
    assert!(text.contains("no new release: 1.1.2 has every fix"), "{text}");
    let status = said(&project.run(&["status", "out"]));
    assert!(status.contains("acme/pump release-1: released already as 1.1.2\n"), "{status}");
    assert!(!status.contains("release-2: released") && !status.contains("1.1.3"), "{status}");
    let suites = suites(&project);
    assert_eq!(
        suites,
        [("main", 1), ("release-1", 0), ("release-2", 1), ("release-3", 1)],
        "what stays is not tested"
    );
    let tags = project.world(&["tag", "--list"]);
    assert!(!tags.contains("v1.1.3") && tags.contains("v2.0.4") && tags.contains("v3.0.1"), "{tags}");
    let mails = project.mails();
    assert!(mails.contains("Pump 1.1.2, Pump 2.0.4, Pump 3.0.1"), "{mails}");
    assert!(!mails.contains("1.1.3"), "{mails}");
    assert_eq!(
        project.events(),
        [
            "introduced 3.0.0",
            "fixed 3.0.1",
            "introduced 1.1.1",
            "fixed 1.1.2",
            "introduced 2.0.3",
            "fixed 2.0.4"
        ],
        "each major version of a Go module is a package of its own"
    );
    let entry = project.entry();
    for name in ["example.org/pump\"", "example.org/pump/v2\"", "example.org/pump/v3\""] {
        assert!(entry.contains(name), "{name}: {entry}");
    }

    project.release = format!("[[line]]\nrepo = \"{PUMP}\"\nbranch = \"release-1\"\nversion = \"1.1.3\"");
    std::fs::remove_dir_all(project.path().join("out")).unwrap();
    expect(&project.rehearse(), 0);
    assert!(project.world(&["tag", "--list"]).contains("v1.1.3"), "the release file asks for it");
    assert!(project.mails().contains("Pump 1.1.2, Pump 2.0.4"), "the first that has it is told");
}

#[test]
fn go_module_in_a_folder_has_its_tag_on_every_line_though_the_catalog_names_one_major_version() {
    let project = Project::new(
        "lines = [\"release-1\", \"release-2\"]\n\
         package = { ecosystem = \"go\", name = \"example.org/pump/api/v2\", path = \"api\" }",
        "kind = \"tags\"",
    );
    for (line, version, name) in [("release-1", "1.1.1", "api"), ("release-2", "2.0.3", "api/v2")] {
        project.on("main");
        project.commit(&[("README.md", version)], version);
        project.on(line);
        project.commit(&[("api/go.mod", &format!("module example.org/pump/{name}\n"))], "a module");
        for tag in [format!("v{version}"), format!("api/v{version}")] {
            project.git(&["tag", &tag]);
        }
    }
    expect(&project.rehearse(), 0);
    let tags = project.world(&["tag", "--list"]);
    for tag in ["v1.1.2", "api/v1.1.2", "v2.0.4", "api/v2.0.4"] {
        assert!(tags.lines().any(|known| known == tag), "{tag}: {tags}");
    }
    assert_eq!(
        project.events(),
        ["introduced 2.0.3", "fixed 2.0.4", "introduced 1.1.1", "fixed 1.1.2"],
        "each under its own name"
    );
}

#[test]
fn default_branch_that_gets_the_fix_later_is_left_out_with_its_reason() {
    let mut project =
        Project::new(&format!("lines = [\"release-1\"]\nrelease-default-branch = true\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.on("main");
    project.release("2.0.0", "v2.0.0");
    let when = "with 2.1.0 on 2027-02-01";
    project.release = format!("[[line]]\nrepo = \"{PUMP}\"\nbranch = \"main\"\nlater = \"{when}\"");
    let plan = said(&project.plan());
    assert!(plan.contains(&format!(", not main yet (later: {when})")), "{plan}");
    let rehearsed = project.rehearse();
    expect(&rehearsed, 0);
    let text = said(&rehearsed);
    assert!(
        text.contains(&format!("bring the fixes to `main` of acme/pump, which lacks them: {when}")),
        "{text}"
    );
    assert_eq!(
        project.events(),
        ["introduced 1.2.3", "fixed 1.2.4", "introduced 2.0.0", "last_affected 2.0.0"]
    );
    let mails = project.mails();
    assert!(mails.contains(&format!("Pump 2.0.x: the fix follows: {when}")), "{mails}");
    assert!(project.world(&["show", &format!("main:{SOURCE}")]).starts_with("limit = none"));
    let tags = project.world(&["tag", "--list"]);
    assert!(tags.contains("v1.2.4") && !tags.contains("v2.0.1"), "{tags}");
}

#[test]
fn affected_line_that_branches_leaves_out_is_named_and_has_no_fix() {
    let mut project = Project::new(&format!("lines = [\"release-1\", \"release-2\"]\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.on("main");
    project.release("2.0.0", "v2.0.0");
    project.on("release-2");
    project.fix.push_str("\nbranches = [\"main\", \"release-2\"]");
    let plan = said(&project.plan());
    assert!(plan.contains("not release-1 (by `branches`)"), "{plan}");
    expect(&project.rehearse(), 0);
    assert_eq!(
        project.events(),
        ["introduced 2.0.0", "fixed 2.0.1", "introduced 1.2.3", "last_affected 1.2.3"]
    );
    assert!(project.mails().contains("1.2.x: no fix; move to 2.0.1"), "{}", project.mails());
    assert!(project.world(&["show", &format!("release-1:{SOURCE}")]).starts_with(FAULTY.trim_end()));
    let report = std::fs::read_to_string(project.path().join("out/report.json")).unwrap();
    assert!(
        report.contains("by its content: the fix applies as it is; `branches` leaves its line out"),
        "{report}"
    );
}

#[test]
fn project_without_tags_has_no_range_that_begins_with_what_a_file_states() {
    let project = Project::new(&format!("lines = []\n{PIP}"), IN_A_FILE);
    project.commit(&[("VERSION", "1.2.3\n")], "1.2.3");
    let plan = said(&project.plan());
    assert!(plan.contains("no tag names a release of before"), "{plan}");
    expect(&project.rehearse(), 0);
    assert_eq!(project.events(), ["introduced 0", "fixed 1.2.4"]);
}

#[test]
fn suite_that_ran_no_test_proves_nothing_until_somebody_waives_it() {
    let mut project = Project::new(&format!("lines = []\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.suite = "[\"sh\", \"-c\", \"echo Ran 0 tests in 0.000s; echo; echo OK\"]".to_owned();
    let rehearsed = project.rehearse();
    let text = said(&rehearsed);
    assert!(text.contains("ran no test: it says `Ran 0 tests in 0.000s`"), "{text}");
    assert!(text.contains("0 of 1 suites passed"), "{text}");
    assert_ne!(rehearsed.status.code(), Some(0), "{text}");
}

#[test]
fn go_module_is_told_by_what_it_calls_itself_where_the_catalog_names_one_of_its_names() {
    let project = Project::new(
        "lines = [\"release-1\"]\nrelease-default-branch = true\n\
         package = { ecosystem = \"go\", name = \"example.org/pump\" }",
        "kind = \"tags\"",
    );
    project.git(&["tag", "v1.4.0"]);
    project.on("release-1");
    project.on("main");
    project.commit(&[("go.mod", "module example.org/pump/v2\n")], "the second major version");
    project.git(&["tag", "v2.0.0"]);
    expect(&project.rehearse(), 0);
    let told = ["introduced 1.4.0", "fixed 1.4.1", "introduced 2.0.0", "fixed 2.0.1"];
    assert_eq!(project.events(), told);
    let entry = project.entry();
    assert!(entry.contains("example.org/pump\"") && entry.contains("example.org/pump/v2\""), "{entry}");
}

#[test]
fn form_of_tags_that_no_tag_has_is_refused_with_the_one_that_they_have() {
    let mut project = Project::new(&format!("lines = []\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.released = "trigger = \"push-tag\"\ntag = \"{version}\"".to_owned();
    let refused = said(&project.plan());
    assert!(refused.contains("written like `v1.2.3`"), "{refused}");
    assert!(refused.contains("tag = \"v{version}\""), "{refused}");
}
