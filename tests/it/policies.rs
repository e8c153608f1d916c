//! How fixes reach the branches and in which order, where the catalog says it: merged upwards, the lines first, the bump
//! before the fixes.

use std::fs;
use std::path::Path;

use crate::project::{FAULTY, FIXED, PUMP, Project, SOURCE};
use crate::support::{edit, expect, git, run, said, without_the_conflict};

const VERSION: &str = "kind = \"version-file\"";
const LINES: &str =
    "lines = [\"release-1.0\", \"release-1.1\"]\npackage = { ecosystem = \"other\", name = \"pump\" }";

/// A project of two lines, each merged into the next up to its last release but one.
fn lines(keys: &str) -> Project {
    let project = Project::new(&format!("{LINES}\n{keys}"), VERSION);
    project.release("1.0.0", "v1.0.0");
    project.on("release-1.0");
    project.on("main");
    project.release("1.1.0", "v1.1.0");
    project.on("release-1.1");
    project.on("main");
    project.commit(&[("VERSION", "2.0.0\n")], "what comes next");
    project.on("release-1.0");
    project.release("1.0.1", "v1.0.1");
    project.commit(&[("README", "kept until 2028\n")], "a long-lived line");
    project.on("main");
    project
}

fn file(project: &Project, revision: &str, path: &str) -> String {
    project.world(&["show", &format!("{revision}:{path}")])
}

/// The pull requests that were merged, by the branch that each brings, in order.
fn merged(project: &Project) -> Vec<String> {
    let merges = project
        .requests()
        .into_iter()
        .filter(|(method, path, status)| method == "PUT" && path.ends_with("/merge") && *status == 200);
    let numbers = merges.map(|(_, path, _)| path.split('/').rev().nth(1).unwrap().to_owned());
    numbers.map(|number| brought(project, &number)).collect()
}

/// The public branch that a pull request brings.
fn brought(project: &Project, number: &str) -> String {
    let head = project.world(&["rev-parse", &format!("refs/pull/{number}/head")]);
    let refs =
        project.world(&["for-each-ref", "--points-at", &head, "--format=%(refname:short)", "refs/heads"]);
    refs.lines().find(|name| name.starts_with("security/") || name.starts_with("bump/")).unwrap().to_owned()
}

#[test]
fn fix_is_merged_upwards_with_a_merge_commit_a_line_and_each_line_keeps_its_version() {
    let project = lines("carry = \"merge-up\"");
    let plan = said(&project.plan());
    assert!(plan.contains("`release-1.0` into `release-1.1`, then into `main`"), "{plan}");
    assert!(plan.contains("until then the fix is public and `main` lacks it"), "{plan}");
    expect(&project.rehearse(), 0);

    for branch in ["release-1.0", "release-1.1", "main"] {
        assert_eq!(file(&project, branch, SOURCE) + "\n", FIXED, "on {branch}");
    }
    for (branch, version) in [("release-1.0", "1.0.2"), ("release-1.1", "1.1.1"), ("main", "2.0.0")] {
        assert_eq!(file(&project, branch, "VERSION"), version, "on {branch}");
    }
    // What the lines had not merged before comes along; the fix itself is one commit in the histories of all.
    assert_eq!(file(&project, "main", "README"), "kept until 2028");
    let subject = "--grep=limit: refuse what is too long";
    let fix = |branch: &str| project.world(&["log", "--format=%H", subject, branch]);
    assert!(
        !fix("main").is_empty() && fix("main") == fix("release-1.0") && fix("main") == fix("release-1.1")
    );
    let merges = |branch: &str| project.world(&["log", "--merges", "--format=%s", branch]);
    assert!(merges("release-1.1").contains("Merge branch 'release-1.0' into release-1.1"));
    assert!(merges("main").contains("Merge branch 'release-1.1' into main"), "{}", merges("main"));

    let merged = merged(&project);
    let order = ["security/2027-01-12/release-1.0", "security/2027-01-12/release-1.1"];
    assert_eq!(merged[..2], order, "{merged:?}");
    assert_eq!(merged.last().unwrap(), "security/2027-01-12/main", "{merged:?}");
    let report = fs::read_to_string(project.path().join("out/report.json")).unwrap();
    assert!(report.contains("also brings 2 commits of `release-1.0` that `release-1.1` lacks"), "{report}");
    assert!(report.contains("`release-1.1` keeps its version 1.1.0; `release-1.0` states 1.0.1"), "{report}");
}

/// As git has it: a file for each release, and the release of a line holds those of the lines below.
#[test]
fn files_of_older_releases_come_to_the_lines_above_before_these_are_released() {
    let notes = "[repo.notes]\nfile = \"RelNotes/{version}.txt\"\npreamble = \"Pump v{version} Release Notes\\n====\\n\\n\"\n\
                 entry = \" * {summary}.\"\ncarry-forward = [\"default-branch\", \"newer-lines\"]";
    let project = lines(&format!("carry = \"merge-up\"\n{notes}"));
    expect(&project.rehearse(), 0);
    let listed = |revision: &str| project.world(&["ls-tree", "--name-only", revision, "RelNotes/"]);
    assert_eq!(listed("v1.0.2"), "RelNotes/1.0.2.txt");
    assert_eq!(listed("v1.1.1"), "RelNotes/1.0.2.txt\nRelNotes/1.1.1.txt");
    assert_eq!(listed("main"), "RelNotes/1.0.2.txt\nRelNotes/1.1.1.txt");
    let told = file(&project, "main", "RelNotes/1.0.2.txt");
    assert_eq!(told, "Pump v1.0.2 Release Notes\n====\n\n * Long input exhausts memory.");
}

#[test]
fn line_that_is_released_with_the_fix_is_merged_with_the_one_below_and_not_released_again() {
    let project = lines("carry = \"merge-up\"");
    project.on("release-1.1");
    project.commit(&[(SOURCE, FIXED)], "limit: refuse what is too long");
    project.release("1.1.1", "v1.1.1");
    let rehearsed = project.rehearse();
    expect(&rehearsed, 0);
    let text = said(&rehearsed);
    assert!(text.contains("no new release: 1.1.1 has every fix"), "{text}");
    let tags = project.world(&["tag", "--list"]);
    assert!(tags.contains("v1.0.2") && !tags.contains("v1.1.2"), "{tags}");
    let merges = project.world(&["log", "--merges", "--format=%s", "release-1.1"]);
    assert!(merges.contains("Merge branch 'release-1.0' into release-1.1"), "{merges}");
    assert_eq!(file(&project, "release-1.1", "VERSION"), "1.1.1");
}

#[test]
fn fix_is_merged_upwards_beyond_the_default_branch() {
    let project = lines("carry = \"merge-up\"\nnewer-lines = [\"3.x\"]\nrelease-default-branch = true");
    project.release("2.0.0", "v2.0.0");
    project.on("3.x");
    project.release("3.0.0", "v3.0.0");
    project.on("main");
    project.commit(&[("NEWS", "of the second\n")], "meanwhile");
    let plan = said(&project.plan());
    assert!(plan.contains("`release-1.1`, then into `main`, then into `3.x`"), "{plan}");
    assert!(plan.contains("`main` and `3.x` are merged when the releases of the lines are out"), "{plan}");
    expect(&project.rehearse(), 0);
    for (branch, version) in [("main", "2.0.1"), ("3.x", "3.0.1")] {
        assert_eq!(file(&project, branch, SOURCE) + "\n", FIXED, "on {branch}");
        assert_eq!(file(&project, branch, "VERSION"), version, "on {branch}");
    }
    let merges = project.world(&["log", "--merges", "--format=%s", "3.x"]);
    assert!(merges.contains("Merge branch 'main' into 3.x"), "{merges}");
    let merged = merged(&project);
    let fixes: Vec<&str> =
        merged.iter().filter_map(|name| name.strip_prefix("security/2027-01-12/")).collect();
    assert_eq!(fixes, ["release-1.0", "release-1.1", "main", "3.x"]);
}

/// What git merges by itself is merged so: the version of the newer line is not written over lines that the line below left alone.
#[test]
fn version_beside_lines_that_only_the_newer_line_changed_makes_no_conflict() {
    let version = "kind = \"regex\"\nfile = \"VERSION\"\npattern = 'version = (?<version>\\S+)'";
    let project = Project::new(&format!("{LINES}\ncarry = \"merge-up\""), version);
    let release = |number: &str, more: &str| {
        project.commit(&[("VERSION", &format!("version = {number}\n{more}"))], number);
        project.git(&["tag", &format!("v{number}")]);
    };
    release("1.0.0", "build = old\n");
    project.on("release-1.0");
    project.on("main");
    release("1.1.0", "");
    project.on("release-1.1");
    project.on("main");
    project.commit(&[("VERSION", "version = 2.0.0\n")], "what comes next");
    expect(&project.rehearse(), 0);
    let states = |branch: &str| file(&project, branch, "VERSION");
    assert_eq!(states("release-1.0"), "version = 1.0.1\nbuild = old");
    assert_eq!(
        (states("release-1.1"), states("main")),
        ("version = 1.1.1".to_owned(), "version = 2.0.0".to_owned())
    );
}

#[test]
fn conflict_of_a_merge_is_asked_once_and_what_people_make_of_it_goes_up() {
    let project = lines("carry = \"merge-up\"");
    project.on("release-1.1");
    project.commit(&[(SOURCE, &FAULTY.replace("check = off", "checks = off"))], "checks");
    let output = project.rehearse();
    expect(&output, 11);
    let told = said(&output);
    let step = format!("stack/{PUMP}/release-1.1");
    assert!(told.contains("merging `release-1.0` at ") && told.contains(SOURCE), "{told}");
    assert!(!told.contains(&format!("stack/{PUMP}/main asks")), "{told}");

    let opened = said(&project.run(&["resolve", &step, "--dir", "out"]));
    let place = opened.lines().find_map(|line| line.split_once(" is checked out in ")).unwrap().1.to_owned();
    let place = project.path().join(place);
    assert!(fs::read_to_string(place.join(SOURCE)).unwrap().contains("<<<<<<<"), "{opened}");
    let made = FIXED.replace("check = on", "checks = on");
    fs::write(place.join(SOURCE), &made).unwrap();
    git(&place, &["add", "--", SOURCE]);
    expect(&project.run(&["resolve", &step, "--done", "--as", "ada", "--dir", "out"]), 0);
    let resumed = said(&project.run(&["resume", "out"]));
    assert!(!resumed.contains("conflicts in"), "{resumed}");
    let shown = said(&project.run(&["approve", "ready", "--dir", "out"]));
    assert!(shown.contains("ada resolved the merge of `release-1.0`"), "{shown}");
    let store = project.path().join(format!("out/store/{PUMP}.git"));
    for branch in ["release-1.1", "main"] {
        let stack = format!("refs/lockgate/made/stack/{PUMP}/{branch}");
        assert_eq!(git(&store, &["show", &format!("{stack}:{SOURCE}")]) + "\n", made, "on {branch}");
        let parents = git(&store, &["log", "-1", "--format=%P", &stack]);
        assert_eq!(parents.split(' ').count(), 2, "on {branch}");
    }
}

#[test]
fn merge_of_a_line_that_people_pushed_is_taken() {
    let project = lines("carry = \"merge-up\"");
    project.on("release-1.1");
    project.commit(&[(SOURCE, &FAULTY.replace("check = off", "checks = off"))], "checks");
    expect(&project.rehearse(), 11);
    let fork =
        project.path().join(format!("out/git/{PUMP}-{}.git", crate::project::GHSA.to_ascii_lowercase()));
    git(project.path(), &["clone", "-q", fork.to_str().unwrap(), "clone"]);
    let clone = project.path().join("clone");
    git(&clone, &["checkout", "-q", "-b", "mine", "origin/release-1.1"]);
    let made = FIXED.replace("check = on", "checks = on");
    fs::write(clone.join(SOURCE), &made).unwrap();
    git(&clone, &["commit", "-q", "-a", "-m", "limit, for 1.1"]);
    // Without the line below it is no merge of that, and is not taken.
    git(&clone, &["push", "-q", "origin", "mine:resolved/stack/release-1.1"]);
    let resumed = said(&project.run(&["resume", "out"]));
    assert!(resumed.contains("does not hold `release-1.0` at"), "{resumed}");
    git(&clone, &["merge", "-q", "-s", "ours", "--no-edit", "origin/release-1.0"]);
    git(&clone, &["push", "-q", "origin", "mine:resolved/stack/release-1.1"]);
    let resumed = said(&project.run(&["resume", "out"]));
    assert!(!resumed.contains("conflicts in"), "{resumed}");
}

#[test]
fn what_cannot_be_merged_upwards_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    without_the_conflict(folder.path());
    let world = [
        "collaborators = { ines = \"admin\" }",
        "collaborators = { ines = \"admin\" }\nmerge_methods = [\"squash\"]",
    ];
    edit(folder.path(), "world.toml", world[0], world[1]);
    edit(folder.path(), "catalog.toml", "project = \"Gauge\"", "project = \"Gauge\"\ncarry = \"merge-up\"");
    let refusal = refused(folder.path());
    assert!(refusal.contains("catalog.toml:12:"), "{refusal}");
    assert!(refusal.contains("`carry = \"merge-up\"` needs merge commits"), "{refusal}");
    assert!(refusal.contains("does not allow `merge` there, only `squash`"), "{refusal}");
    assert!(refusal.contains("let an administrator allow merge commits, or remove `carry`"), "{refusal}");
}

fn refused(folder: &Path) -> String {
    let output = run(["plan", folder.to_str().unwrap(), "--long"]);
    expect(&output, 2);
    said(&output)
}

#[test]
fn lines_are_released_before_the_default_branch_has_the_fix_where_the_catalog_says_so() {
    let project = lines("order = \"lines-first\"");
    let plan = said(&project.plan());
    assert!(plan.contains("`main` is merged when the releases of the lines are out"), "{plan}");
    expect(&project.rehearse(), 0);
    let merged = merged(&project);
    let wanted = [
        "security/2027-01-12/release-1.0",
        "security/2027-01-12/release-1.1",
        "bump/release-1.0-1.0.2",
        "bump/release-1.1-1.1.1",
        "security/2027-01-12/main",
    ];
    assert_eq!(merged, wanted);
    assert_eq!(file(&project, "main", SOURCE) + "\n", FIXED);
}

#[test]
fn bump_is_merged_before_the_fixes_and_the_released_tree_is_the_proven_one() {
    let project = lines("bump = \"before-fixes\"");
    let plan = said(&project.plan());
    assert!(
        plan.contains("`release-1.0` states 1.0.2, `release-1.1` states 1.1.1 without its fixes"),
        "{plan}"
    );
    expect(&project.rehearse(), 0);
    let merged = merged(&project);
    let at = |name: &str| {
        merged.iter().position(|one| one == name).unwrap_or_else(|| panic!("{name}: {merged:?}"))
    };
    for (line, version) in [("release-1.0", "1.0.2"), ("release-1.1", "1.1.1")] {
        let (bump, fix) = (format!("bump/{line}-{version}"), format!("security/2027-01-12/{line}"));
        assert!(at(&bump) < at(&fix), "{merged:?}");
        let tag = format!("v{version}");
        assert_eq!(file(&project, &tag, "VERSION"), version);
        assert_eq!(file(&project, &tag, SOURCE) + "\n", FIXED);
        let proven = project.world(&["rev-parse", &format!("{fix}^{{tree}}")]);
        assert_eq!(project.world(&["rev-parse", &format!("{tag}^{{tree}}")]), proven, "on {line}");
    }
}

#[test]
fn notes_that_belong_into_the_commit_of_the_bump_are_made_by_its_command() {
    let mut project = lines("bump = \"before-fixes\"");
    project.version = "kind = \"command\"\nrun = [\"sh\", \"release.sh\", \"{version}\"]\n\
                       version = { kind = \"version-file\" }\nmakes = [\"releases/v{version}.toml\"]"
        .to_owned();
    let script = "echo $1 > VERSION\nmkdir -p releases\necho \"version = $1\" > releases/v$1.toml\n";
    for branch in ["release-1.0", "release-1.1", "main"] {
        project.on(branch);
        project.commit(&[("release.sh", script)], "a script");
    }
    expect(&project.rehearse(), 0);
    for (line, version) in [("release-1.0", "1.0.2"), ("release-1.1", "1.1.1")] {
        let (tag, notes) = (format!("v{version}"), format!("releases/v{version}.toml"));
        assert_eq!(file(&project, &tag, &notes), format!("version = {version}"));
        let commits =
            |path: &str| project.world(&["log", "--no-merges", "--format=%H", "-1", &tag, "--", path]);
        assert_eq!(commits(&notes), commits("VERSION"), "one commit on {line}");
    }
}

#[test]
fn bump_that_starts_the_release_cannot_come_before_the_fixes() {
    let mut project = lines("bump = \"before-fixes\"");
    project.released = "trigger = { merge-marker = \"[release-this]\" }\ntag = \"v{version}\"".to_owned();
    let output = project.plan();
    expect(&output, 2);
    let refusal = said(&output);
    assert!(refusal.contains("catalog.toml:13:") && refusal.contains("would lack the fixes"), "{refusal}");
    assert!(refusal.contains("remove `bump`, or release by a tag"), "{refusal}");
}

#[test]
fn resolved_merge_outlives_an_amendment_that_changes_no_line_of_it() {
    let notes = "[repo.notes]\nfile = \"CHANGES.md\"\nheading = \"## {version}\"\nentry = \"- {summary}\"";
    let project = lines(&format!("carry = \"merge-up\"\n{notes}"));
    project.on("release-1.0");
    project.commit(&[("CHANGES.md", "# Changes\n\n## 1.0.1\n\n- One.\n")], "notes");
    project.on("release-1.1");
    let other = FAULTY.replace("check = off", "check = later");
    project.commit(&[("CHANGES.md", "# Changes\n\n## 1.1.0\n\n- One.\n"), (SOURCE, &other)], "another way");
    expect(&project.rehearse(), 11);
    let stack = format!("stack/{PUMP}/release-1.1");
    let told = said(&project.run(&["resolve", &stack, "--dir", "out"]));
    let place = told.lines().find_map(|line| line.split_once(" is checked out in ")).unwrap().1;
    let place = project.path().join(place);
    fs::write(place.join(SOURCE), FIXED).unwrap();
    fs::write(place.join("CHANGES.md"), "# Changes\n\n## 1.1.0\n\n- One.\n").unwrap();
    git(&place, &["add", "-A"]);
    expect(&project.run(&["resolve", &stack, "--done", "--as", "ada", "--dir", "out"]), 0);

    edit(
        &project.path().join("out/inputs"),
        "catalog.toml",
        "entry = \"- {summary}\"",
        "entry = \"- Security: {summary}\"",
    );
    let shown = said(&project.run(&["amend", "--dir", "out"]));
    assert!(shown.contains(&format!("{stack}: ")) && shown.contains("; what ada resolved stays"), "{shown}");
    let (_, digest) = shown.split_once(", plan ").unwrap();
    let digest = digest.split_whitespace().next().unwrap();
    expect(&project.run(&["amend", "--as", "ada", "--digest", digest, "--dir", "out"]), 0);
    let resumed = said(&project.run(&["resume", "--dir", "out"]));
    assert!(!resumed.contains(&format!("{stack}: ASKS")), "{resumed}");
    assert!(resumed.contains(&format!("{stack}: ")), "it was made again: {resumed}");

    // As long as nobody approved what was made with it, the resolution can be taken back.
    let taken_back = project.run(&["withdraw", &stack, "--as", "ada", "--dir", "out"]);
    expect(&taken_back, 0);
    assert!(said(&taken_back).contains("the conflict is open again"), "{}", said(&taken_back));
    let asks = format!("{stack} asks:");
    let status = || said(&project.run(&["status", "--dir", "out"]));
    assert!(status().contains(&asks), "{}", status());
    fs::write(place.join(SOURCE), FIXED.replace("size = 10", "size = 11")).unwrap();
    let done = ["resolve", &stack, "--done", "--as", "ada", "--dir", "out"];
    let refused = said(&project.run(&done));
    assert!(refused.contains(&format!("changed and not added to the resolution: {SOURCE}")), "{refused}");
    git(&place, &["add", "-A"]);
    let again = project.run(&done);
    expect(&again, 0);
    assert!(said(&again).contains("it is taken back with: lockgate withdraw"), "{}", said(&again));
    let resumed = said(&project.run(&["resume", "--dir", "out"]));
    assert!(resumed.contains(&format!("prove/{PUMP}/release-1.1: ")), "it is proven anew: {resumed}");
    assert!(!status().contains(&asks), "{}", status());

    edit(&project.path().join("out/inputs"), "catalog.toml", "Security: ", "");
    assert!(
        status().contains("changed since the run was started; to see what that would change: lockgate amend")
    );
}
