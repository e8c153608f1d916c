//! Which lines there are, which version comes next, and which released versions are told: projects as they are.

use crate::amend::taking_in;
use crate::project::{FAULTY, FIXED, GHSA, IN_A_FILE, PIP, PUMP, Project, SOURCE};
use crate::support::{expect, said};

/// The line of the plan for this branch.
fn target(plan: &std::process::Output, branch: &str) -> String {
    let text = said(plan);
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.starts_with(&format!("{branch} "))).unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn project_without_lines_is_released_from_its_default_branch() {
    let project = Project::new(&format!("lines = []\n{PIP}"), IN_A_FILE);
    project.release("1.2.2", "v1.2.2");
    project.release("1.2.3", "v1.2.3");
    expect(&project.rehearse(), 0);
    assert_eq!(project.events(), ["introduced 1.2.2", "fixed 1.2.4"]);
    assert_eq!(project.world(&["show", "main:VERSION"]), "1.2.4");
    assert_eq!(project.world(&["rev-parse", "v1.2.4^{commit}"]), project.world(&["rev-parse", "main"]));
    assert!(project.world(&["show", &format!("v1.2.4:{SOURCE}")]).starts_with("limit = 64"));
}

/// The fix applies to versions that what brought the fault never came to: they count as affected, and no record says otherwise.
#[test]
fn record_begins_where_the_advisory_does_and_not_at_a_commit_that_contradicts_it() {
    let other = "package = { ecosystem = \"other\", name = \"pump\" }";
    let begins = |is_there_before: bool| {
        let mut project = Project::new(&format!("lines = []\n{other}"), IN_A_FILE);
        if !is_there_before {
            project.commit(&[(SOURCE, "size = 10\n")], "nothing to check yet");
        }
        project.release("1.0.0", "v1.0.0");
        let brought = project.commit(&[(SOURCE, FAULTY), ("src/more.txt", "x\n")], "bring the fault");
        project.release("1.1.0", "v1.1.0");
        project.fix += &format!("\nintroduced = [\"{brought}\"]");
        expect(&project.rehearse(), 0);
        let entry: serde_json::Value = serde_json::from_str(&project.entry()).unwrap();
        let first = entry["affected"][0]["ranges"][0]["events"][0]["introduced"].as_str().unwrap().to_owned();
        (first, brought)
    };
    assert_eq!(begins(true).0, "0", "1.0.0 counts as affected");
    let (first, brought) = begins(false);
    assert_eq!(first, brought);
}

#[test]
fn default_branch_is_released_beside_the_lines_where_the_catalog_says_so() {
    let mut project =
        Project::new(&format!("lines = [\"release-1\"]\nrelease-default-branch = true\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.on("main");
    project.release("2.0.0", "v2.0.0");
    let plan = project.plan();
    expect(&plan, 0);
    assert!(target(&plan, "main").ends_with("1 fix, 2.0.0 -> 2.0.1 (v2.0.1)"), "{}", target(&plan, "main"));
    assert!(target(&plan, "release-1").ends_with("1 fix, 1.2.3 -> 1.2.4 (v1.2.4)"));

    project.release = "[[line]]\nrepo = \"acme/pump\"\nbranch = \"release-1\"\nrelease = false".to_owned();
    let plan = project.plan();
    assert!(target(&plan, "release-1").ends_with("1 fix, no release"), "{}", target(&plan, "release-1"));
}

#[test]
fn tag_of_another_form_with_lower_numbers_is_no_newer_release() {
    let go = "package = { ecosystem = \"go\", name = \"example.org/pump\" }";
    let project = Project::new(&format!("lines = [\"release-1\"]\n{go}"), IN_A_FILE);
    project.release("1.3.9", "v1.3.9_plus_git");
    project.release("1.7.1", "v1.7.1");
    project.on("release-1");
    let plan = project.plan();
    assert!(target(&plan, "release-1").contains("1.7.1 -> 1.7.2"), "{}", target(&plan, "release-1"));
}

#[test]
fn line_that_lacks_its_newest_release_is_named_and_init_takes_the_branch_that_has_it() {
    let go = "package = { ecosystem = \"go\", name = \"example.org/pump\" }";
    let project = Project::new(&format!("lines = [\"release/v1.1.1\"]\n{go}"), "kind = \"tags\"");
    project.commit(&[("a", "a")], "1.1.0");
    project.git(&["tag", "v1.1.0"]);
    // Each release has a branch of its own.
    for version in ["1.1.1", "1.1.2", "1.1.10"] {
        project.git(&["checkout", "-q", "-b", &format!("release/v{version}")]);
        project.commit(&[(version, version)], "a fix");
        project.commit(&[("released", version)], version);
        project.git(&["tag", &format!("v{version}")]);
    }
    let lacking = "`v1.1.10`, the newest release of its line, is not in the branch";
    assert!(target(&project.plan(), "release/v1.1.1").contains(lacking));
    let init = project.run(&["init", "--print", "--mirror", "acme/pump=pump.git"]);
    assert!(said(&init).contains("lines = [\"release/v1.1.10\"]"), "{}", said(&init));
}

#[test]
fn version_that_stands_in_no_file_is_the_tag() {
    let project = Project::new(
        "lines = [\"release-1\"]\npackage = { ecosystem = \"go\", name = \"example.org/pump\" }",
        "kind = \"tags\"",
    );
    project.commit(&[("go.mod", "module example.org/pump\n")], "a module");
    project.git(&["tag", "v1.2.3"]);
    project.on("release-1");
    expect(&project.rehearse(), 0);
    let bumps = project.world(&["for-each-ref", "refs/heads/bump"]);
    assert_eq!(bumps, "", "no file states the version, so none is raised");
    assert_eq!(project.world(&["rev-parse", "v1.2.4^{commit}"]), project.world(&["rev-parse", "release-1"]));
    assert!(project.world(&["show", &format!("v1.2.4:{SOURCE}")]).starts_with("limit = 64"));
    assert_eq!(project.events(), ["introduced 1.2.3", "fixed 1.2.4"]);
}

/// CI that releases whatever commit says so.
const MARKED: &str = "trigger = { merge-marker = \"[release-this]\" }\ntag = \"v{version}\"";

#[test]
fn line_that_states_its_version_already_is_released_by_a_marked_commit_that_changes_nothing() {
    let mut project = Project::new(&format!("lines = [\"release-1\"]\n{PIP}"), IN_A_FILE);
    project.released = MARKED.to_owned();
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.commit(&[("VERSION", "1.3.0\n")], "prepare 1.3.0");
    expect(&project.rehearse(), 0);
    assert!(project.world(&["show", &format!("v1.3.0:{SOURCE}")]).starts_with("limit = 64"));
    assert_eq!(
        project.world(&["rev-parse", "v1.3.0^{tree}"]),
        project.world(&["rev-parse", "release-1^{tree}"])
    );
    let marked = project.world(&["log", "--format=%B", "-n", "3", "v1.3.0"]);
    assert!(marked.contains("[release-this]"), "{marked}");
}

#[test]
fn version_that_is_released_already_is_found_by_the_plan() {
    let mut project = Project::new(&format!("lines = [\"release-1\"]\n{PIP}"), IN_A_FILE);
    project.on("release-1");
    for version in ["1.2.3", "1.2.4", "1.2.5"] {
        project.release("1.2.3", &format!("v{version}"));
    }
    let refused = project.plan();
    expect(&refused, 2);
    let text = said(&refused);
    assert!(
        text.contains("states 1.2.3 on `release-1`, so 1.2.4 would come next, but the tag v1.2.4 exists"),
        "{text}"
    );
    assert!(text.contains("v1.2.5 is released from there") && text.contains("if 1.2.6 is right"), "{text}");

    project.release =
        "[[line]]\nrepo = \"acme/pump\"\nbranch = \"release-1\"\nversion = \"1.2.6\"".to_owned();
    let plan = project.plan();
    expect(&plan, 0);
    assert!(target(&plan, "release-1").contains("1.2.3 -> 1.2.6 (v1.2.6)"), "{}", target(&plan, "release-1"));

    project.release = project.release.replace("1.2.6", "1.2.5");
    let refused = said(&project.plan());
    assert!(refused.contains("release.toml:9:11: 1.2.5 cannot be released from `release-1`"), "{refused}");

    project.release = String::new();
    project.version = format!("{IN_A_FILE}\nwhen-taken = \"skip\"");
    let plan = project.plan();
    assert!(target(&plan, "release-1").contains("1.2.3 -> 1.2.6 (v1.2.6); the tag v1.2.4 exists"));
}

#[test]
fn line_whose_version_has_no_tag_yet_releases_that_very_version() {
    let project = Project::new(&format!("lines = [\"release-1\", \"release-2\"]\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.on("release-2");
    project.commit(&[("VERSION", "2.0.0\n")], "the second line begins");
    let plan = project.plan();
    expect(&plan, 0);
    let line = target(&plan, "release-2");
    assert!(
        line.ends_with("2.0.0 -> 2.0.0 (v2.0.0); no tag of 2.0.0 exists: this is its first release"),
        "{line}"
    );
}

#[test]
fn number_that_is_raised_and_a_candidate_that_goes_on_are_what_the_files_say() {
    let mut project = Project::new(
        "lines = [\"release-1\"]\npackage = { ecosystem = \"npm\", name = \"pump\" }",
        IN_A_FILE,
    );
    project.version = format!("{IN_A_FILE}\nnext = \"minor\"");
    project.on("release-1");
    project.release("6.27.0", "v6.27.0");
    let plan = project.plan();
    assert!(
        target(&plan, "release-1").ends_with("6.27.0 -> 6.28.0 (v6.28.0)"),
        "{}",
        target(&plan, "release-1")
    );

    project.on("release-1");
    project.release("6.28.0-rc.2", "v6.28.0-rc.2");
    let plan = project.plan();
    assert!(target(&plan, "release-1").ends_with("6.28.0-rc.2 -> 6.28.0 (v6.28.0)"));
    project.release =
        "[[line]]\nrepo = \"acme/pump\"\nbranch = \"release-1\"\nversion = \"6.28.0-rc.3\"".to_owned();
    let plan = project.plan();
    assert!(target(&plan, "release-1").contains("6.28.0-rc.2 -> 6.28.0-rc.3 (v6.28.0-rc.3)"));
}

#[test]
fn releases_beside_the_branch_and_under_earlier_forms_of_tags_are_told() {
    let project = Project::new(&format!("lines = [\"release-1\"]\n{PIP}"), IN_A_FILE);
    project.on("release-1");
    for (version, tag) in [("1.0.0", "pump-1.0.0"), ("1.0.1", "v1.0.1"), ("1.0.2", "v1.0.2")] {
        project.commit(&[("VERSION", &format!("{version}\n"))], version);
        project.git(&["checkout", "-q", "--detach"]);
        project.commit(&[("dist/x", version)], &format!("build {version}"));
        project.git(&["tag", "-a", tag, "-m", tag]);
        project.on("release-1");
    }
    expect(&project.rehearse(), 0);
    assert_eq!(project.events(), ["introduced 1.0.0", "fixed 1.0.3"]);
}

#[test]
fn fix_that_was_taken_back_in_other_words_is_not_there() {
    let mut project = Project::new(&format!("lines = [\"release-1\"]\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.on("main");
    let fix = project.commit(&[(SOURCE, FIXED)], "limit: refuse what is too long (#10)");
    project.on("release-1");
    project.git(&["cherry-pick", "-x", &fix]);
    project.release("1.2.4", "v1.2.4");
    project.commit(
        &[(SOURCE, FAULTY)],
        "Revert \"limit: refuse what is too long (#10)\" (#12)\n\nReverts acme/pump#11",
    );
    project.release("1.2.5", "v1.2.5");
    project.fix = format!("commits = [\"{fix}\"]");
    expect(&project.rehearse(), 0);
    assert_eq!(
        project.events(),
        ["introduced 1.2.3", "fixed 1.2.4", "introduced 1.2.5", "fixed 1.2.6"],
        "content decides, version by version"
    );
    let assessed =
        said(&project.run(&["assess", "--repo", "pump.git", "--fix", &fix, "--branches", "release-1"]));
    assert!(
        assessed.contains(": possibly") && assessed.contains("seems to have been reverted"),
        "{assessed}"
    );

    // What follows the way back makes the pick a conflict, and still no fix.
    project.on("release-1");
    project.commit(&[(SOURCE, &FAULTY.replace("size = 10", "size = 12\ncheck size = no"))], "size: twelve");
    project.write();
    let picked =
        said(&project.run(&["backport", "--repo", "pump.git", "--fix", &fix, "--onto", "release-1"]));
    assert!(!picked.contains("already"), "{picked}");
}

#[test]
fn fix_of_which_one_place_was_taken_back_is_a_question() {
    let project = Project::new(&format!("lines = [\"release-1\"]\n{PIP}"), IN_A_FILE);
    let (other, faulty, fixed) = ("src/other.txt", "first = no\nsecond = no\n", "first = yes\nsecond = no\n");
    project.commit(&[(other, faulty)], "another file");
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.on("main");
    let fix = project.commit(&[(SOURCE, FIXED), (other, fixed)], "limit: refuse what is too long (#10)");
    project.on("release-1");
    project.git(&["cherry-pick", "-x", &fix]);
    let assessed = || {
        project.write();
        said(&project.run(&["assess", "--repo", "pump.git", "--fix", &fix, "--branches", "release-1"]))
    };
    assert!(assessed().contains(": already fixed"), "{}", assessed());
    for (path, text) in [(other, faulty), (SOURCE, "limit = 64\ncheck = off\nsize = 10\nend\n")] {
        project.on("release-1");
        project.commit(&[(path, text)], "keep the old ways of one place");
        let told = assessed();
        assert!(told.contains(": possibly"), "{path}: {told}");
        project.on("release-1");
        project.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
}

#[test]
fn tags_that_move_with_each_release_hide_no_version() {
    let project = Project::new(PIP, IN_A_FILE);
    for version in ["1.0.0", "1.1.0", "1.1.1"] {
        project.release(version, &format!("v{version}"));
        for moving in ["v1", "v1.1"] {
            project.git(&["tag", "-f", moving]);
        }
    }
    let plan = said(&project.plan());
    assert!(plan.contains("`v1.1`"), "{plan}");
    expect(&project.rehearse(), 0);
    assert_eq!(project.events(), ["introduced 1.0.0", "fixed 1.1.2"]);
    let entry = std::fs::read_to_string(project.path().join("out/entries/GHSA-2c4f-6g7h-8j9m.json")).unwrap();
    let entry: serde_json::Value = serde_json::from_str(&entry).unwrap();
    assert_eq!(entry["affected"][0]["versions"], serde_json::json!(["1.0.0", "1.1.0", "1.1.1"]));
}

#[test]
fn line_that_is_patched_and_not_released_is_told_as_that_and_nobody_is_sent_back() {
    let mut project = Project::new(&format!("lines = [\"release-1\", \"release-2\"]\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.on("main");
    project.release("2.0.0", "v2.0.0");
    project.on("release-2");
    project.release = "[[line]]\nrepo = \"acme/pump\"\nbranch = \"release-2\"\nrelease = false\n".to_owned();
    expect(&project.rehearse(), 0);
    let mails = project.mails();
    assert!(mails.contains("Pump 2.0.x: fixed on `release-2`, not released yet"), "{mails}");
    assert!(!mails.contains("move to 1.2.4"), "{mails}");
}

#[test]
fn what_others_release_is_disclosed_with_the_version_that_will_have_it() {
    let mut project = Project::new(&format!("lines = [\"release-1\"]\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    let line = "[[line]]\nrepo = \"acme/pump\"\nbranch = \"release-1\"\nrelease = false\n";
    // Nobody knows the number yet.
    project.release = line.to_owned();
    expect(&project.rehearse(), 0);
    assert_eq!(project.events(), ["introduced 1.2.3", "last_affected 1.2.3"]);
    assert!(
        project.mails().contains("Pump 1.2.x: fixed on `release-1`, not released yet"),
        "{}",
        project.mails()
    );

    project.release = format!("{line}version = \"one\"\n");
    let refused = said(&project.plan());
    assert!(refused.contains("release.toml:") && refused.contains("it is no version"), "{refused}");

    project.release = format!("{line}version = \"1.2.5\"\n");
    assert!(target(&project.plan(), "release-1").ends_with("1 fix, no release; others release it as 1.2.5"));
    std::fs::remove_dir_all(project.path().join("out")).unwrap();
    expect(&project.rehearse(), 0);
    assert!(project.mails().contains("Pump 1.2.x: fixed in 1.2.5"), "{}", project.mails());
}

#[test]
fn one_version_of_a_package_is_published_from_one_line() {
    let mut project = Project::new("lines = [\"release-1\", \"release-2\"]", IN_A_FILE);
    project.commit(&[("api/package.json", "{\"name\": \"@acme/api\", \"version\": \"0.4.0\"}\n")], "api");
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.on("main");
    project.release("2.0.0", "v2.0.0");
    project.on("release-2");
    project.released.push_str(
        "\n\n[[repo.package]]\necosystem = \"npm\"\nname = \"@acme/api\"\npath = \"api\"\nversion = { kind = \"npm\" }",
    );
    let refused = project.plan();
    expect(&refused, 2);
    let refused = said(&refused);
    let told = "`release-1` and `release-2` of `acme/pump` would both publish `@acme/api` 0.4.1";
    assert!(refused.contains(told) && refused.contains("catalog.toml:"), "{refused}");
    assert!(refused.contains("packages = { \"@acme/api\""), "{refused}");
}

#[test]
fn release_by_a_pushed_tag_is_rehearsed_whatever_states_the_version() {
    for (kind, path, text) in [
        ("gem", "lib/pump/version.rb", "module Pump\n  VERSION = '1.2.3'\nend\n"),
        (
            "maven",
            "pom.xml",
            "<project>\n  <artifactId>pump</artifactId>\n  <version>1.2.3</version>\n</project>\n",
        ),
        ("python-module", "src/pump/__init__.py", "__version__ = '1.2.3'\n"),
        ("dockerfile", "Dockerfile", "FROM scratch\nLABEL version=\"1.2.3\"\n"),
    ] {
        let project = Project::new(PIP, &format!("kind = \"{kind}\""));
        project.commit(&[(path, text)], "1.2.3");
        project.git(&["tag", "-a", "-m", "1.2.3", "v1.2.3"]);
        expect(&project.rehearse(), 0);
        assert_eq!(
            project.world(&["show", &format!("v1.2.4:{path}")]),
            text.replace("1.2.3", "1.2.4").trim_end()
        );
    }
}

#[test]
fn lines_that_are_no_longer_supported_are_told_to_have_no_fix() {
    let project = Project::new(&format!("lines = [\"release-2\"]\n{PIP}"), IN_A_FILE);
    project.release("1.0.0", "v1.0.0");
    project.on("release-1");
    project.release("1.0.1", "v1.0.1");
    project.on("main");
    project.release("2.0.0", "v2.0.0");
    project.git(&["tag", "nightly-2026-01-01"]);
    project.on("release-2");
    let plan = said(&project.plan());
    assert!(plan.contains("`nightly-2026-01-01` names no version"), "{plan}");
    expect(&project.rehearse(), 0);
    let told = ["introduced 2.0.0", "fixed 2.0.1", "introduced 1.0.0", "last_affected 1.0.1"];
    assert_eq!(project.events(), told);
    assert!(project.mails().contains("Pump 1.0.x: no fix; move to 2.0.1"), "{}", project.mails());
    let shown = said(&project.run(&["log", "out", "--json"]));
    assert!(shown.contains("assess-versions"), "{shown}");
}

#[test]
fn tag_that_is_no_version_is_what_the_release_file_says() {
    let mut project = Project::new(PIP, IN_A_FILE);
    project.commit(&[("VERSION", "0.9.0\n")], "0.9.0");
    project.git(&["tag", "pump_zero_nine"]);
    project.release("1.2.3", "v1.2.3");
    project.git(&["tag", "nightly-2026-01-01"]);
    let answer = |name: &str| format!("[[tag]]\nrepo = \"acme/pump\"\nname = \"{name}\"\n");
    let nightly = format!("{}ignore = \"built each night\"\nby = \"grace\"\n", answer("nightly-*"));
    project.release = format!("{}version = \"0.9.0\"\n{nightly}", answer("pump_zero_nine"));
    let plan = said(&project.plan());
    assert!(!plan.contains("are not read as versions"), "{plan}");
    assert!(plan.contains("`pump_zero_nine`: 0.9.0, by ada\n"), "{plan}");
    assert!(plan.contains("`nightly-*` (1 tag): no version, by grace: built each night\n"), "{plan}");
    expect(&project.rehearse(), 0);
    assert_eq!(project.events(), ["introduced 0.9.0", "fixed 1.2.4"]);

    project.release = format!("{}ignore = \"never released\"", answer("v1.2.3"));
    let refused = project.plan();
    expect(&refused, 2);
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.contains("needs no answer: it is read as 1.2.3"), "{refused}");
    assert!(refused.contains("release.toml:8:8"), "{refused}");
}

#[test]
fn answer_for_a_tag_that_is_given_under_way_is_taken_in() {
    let project = Project::new(PIP, IN_A_FILE);
    project.commit(&[("VERSION", "0.9.0\n")], "0.9.0");
    project.git(&["tag", "pump_zero_nine"]);
    project.release("1.2.3", "v1.2.3");
    project.write();
    let mirror = format!("{PUMP}=pump.git");
    let done = |arguments: &[&str], code: i32| {
        let output = project.run(arguments);
        expect(&output, code);
        said(&output)
    };
    done(&["rehearse", "release", "--mirror", &mirror, "--keep", "out", "--ask"], 10);
    let file = project.path().join("out/inputs/release.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let answer =
        "[[tag]]\nrepo = \"acme/pump\"\nname = \"pump_zero_nine\"\nversion = \"0.9.0\"\n\n[[advisory]]";
    std::fs::write(&file, text.replacen("[[advisory]]", answer, 1)).unwrap();
    let told = done(&["amend", "out"], 10);
    assert!(told.contains("~ assess-versions/acme/pump/GHSA-2c4f-6g7h-8j9m: the version changed"), "{told}");
    done(&taking_in(&told).split(' ').skip(1).collect::<Vec<_>>(), 0);
}

/// A line that has gone on since its last release, from whose tag the next one is made.
fn released_from_its_tag() -> Project {
    let mut project = Project::new(&format!("lines = [\"release-1\"]\nmerge = \"rebase\"\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.on("release-1");
    project.commit(&[("README", "What is not released yet.\n")], "goes on");
    project.release = "[[line]]\nrepo = \"acme/pump\"\nbranch = \"release-1\"\nbase = \"v1.2.3\"".to_owned();
    project
}

#[test]
fn release_is_made_from_the_tag_that_is_its_base_and_merged_into_the_line_afterwards() {
    let project = released_from_its_tag();
    let plan = project.plan();
    expect(&plan, 0);
    let line = target(&plan, "release-1");
    assert!(line.contains("1.2.3 -> 1.2.4 (v1.2.4), from v1.2.3 at"), "{line}");
    assert!(line.ends_with("then merged into the line"), "{line}");
    let text = said(&plan);
    let place = |step: &str| text.find(step).unwrap_or_else(|| panic!("no {step} in {text}"));
    assert!(place("await-release") < text.rfind("merge-patch").unwrap(), "{text}");
    assert!(!text.contains("open-bump"), "the bump is a commit of the release: {text}");

    expect(&project.rehearse(), 0);
    let base = project.git(&["rev-parse", "v1.2.3^{commit}"]);
    let commits = project.world(&["log", "--format=%s", &format!("{base}..v1.2.4")]);
    assert_eq!(commits, "Bump to 1.2.4\nlimit: refuse what is too long", "what is tagged stands on the base");
    assert_eq!(project.world(&["ls-tree", "--name-only", "v1.2.4"]), "VERSION\nsrc");
    assert_eq!(project.world(&["show", "v1.2.4:VERSION"]), "1.2.4");
    assert_eq!(
        project.world(&["rev-parse", "release-1^2"]),
        project.world(&["rev-parse", "v1.2.4^{commit}"]),
        "the line holds the very commit that is tagged"
    );
    let merged =
        ["README", "VERSION", SOURCE].map(|path| project.world(&["show", &format!("release-1:{path}")]));
    assert_eq!(merged, ["What is not released yet.", "1.2.4", FIXED.trim_end()]);
    assert_eq!(project.events(), ["introduced 1.2.3", "fixed 1.2.4"]);
}

/// An old line that is kept in private: only its tags are public.
fn line_without_a_branch() -> Project {
    let mut project = Project::new(&format!("lines = [\"maint-1\"]\n{PIP}"), IN_A_FILE);
    project.release("1.2.3", "v1.2.3");
    project.release("2.0.0", "v2.0.0");
    project.release =
        "[[line]]\nrepo = \"acme/pump\"\nbranch = \"maint-1\"\nbase = \"v1.2.3\"\nnew = true\n".to_owned();
    project
}

#[test]
fn line_that_is_not_public_yet_begins_at_its_base_on_the_day() {
    let project = line_without_a_branch();
    let plan = project.plan();
    expect(&plan, 0);
    let line = target(&plan, "maint-1");
    assert!(line.contains("1.2.3 -> 1.2.4 (v1.2.4), a new branch that begins at v1.2.3"), "{line}");

    let asked = project.run(&[
        "rehearse",
        "release",
        "--mirror",
        &format!("{PUMP}=pump.git"),
        "--keep",
        "early",
        "--ask",
    ]);
    expect(&asked, 10);
    assert!(!project.path().join(format!("early/git/{PUMP}.git/refs/heads/maint-1")).exists());

    expect(&project.rehearse(), 0);
    let base = project.git(&["rev-parse", "v1.2.3^{commit}"]);
    assert_eq!(project.world(&["merge-base", "v1.2.4", "v1.2.3"]), base);
    assert_eq!(project.world(&["show", "maint-1:VERSION"]), "1.2.4");
    assert_eq!(project.world(&["show", &format!("maint-1:{SOURCE}")]), FIXED.trim_end());
    assert_eq!(project.world(&["show", "main:VERSION"]), "2.0.0");
    let told = ["introduced 1.2.3", "fixed 1.2.4", "introduced 2.0.0", "last_affected 2.0.0"];
    assert_eq!(project.events(), told);
}

#[test]
fn new_line_is_merged_upwards_as_any_other() {
    let mut project = line_without_a_branch();
    project.repo.push_str("\ncarry = \"merge-up\"");
    expect(&project.rehearse(), 0);
    let told = project.world(&["log", "--merges", "--format=%s", "main"]);
    assert!(told.contains("Merge branch 'maint-1' into main"), "{told}");
    assert_eq!(project.world(&["show", "maint-1:VERSION"]), "1.2.4");
    assert_eq!(project.world(&["show", "main:VERSION"]), "2.0.0");
}

#[test]
fn new_line_that_is_there_or_begins_nowhere_is_refused_with_its_place() {
    let mut project = line_without_a_branch();
    project.release = project.release.replace("base = \"v1.2.3\"\n", "");
    let refused = said(&project.plan());
    assert!(refused.contains("release.toml:9:7: nothing says where the new branch `maint-1`"), "{refused}");

    project = line_without_a_branch();
    project.git(&["branch", "maint-1", "v1.2.3"]);
    let refused = said(&project.plan());
    assert!(
        refused.contains(
            "release.toml:10:7: `acme/pump` has a branch `maint-1`, which the release file calls new"
        ),
        "{refused}"
    );

    project.git(&["branch", "-D", "maint-1"]);
    project.release = String::new();
    let refused = said(&project.plan());
    assert!(refused.contains("`acme/pump` has no branch `maint-1`"), "{refused}");
    assert!(refused.contains("add `[[line]]` with `new = true` and its `base`"), "{refused}");
}

#[test]
fn merge_of_a_release_into_its_line_that_will_conflict_is_found_before_anything_is_public() {
    let project = released_from_its_tag();
    project.on("release-1");
    project.commit(&[(SOURCE, &FAULTY.replace("check = off", "check = later"))], "another way");
    let asked = project.rehearse();
    let text = said(&asked);
    assert!(!asked.status.success(), "{text}");
    assert!(text.contains("v1.2.4 is released from v1.2.3, and merging it into `release-1`"), "{text}");
    assert!(text.contains(&format!("will conflict in {SOURCE}; nothing is public yet")), "{text}");
    assert_eq!(project.world(&["tag", "--list", "v1.2.4"]), "");

    // Once people said that they merge it by hand, it holds up no advisory.
    let step = format!("prepare-merge/{PUMP}/release-1");
    let waive = ["waive", &step, "--as", "ada", "--reason", "we merge it by hand", "--dir", "out"];
    expect(&project.run(&waive), 0);
    let mirror = format!("{PUMP}=pump.git");
    let text = said(&project.run(&["rehearse", "release", "--mirror", &mirror, "--keep", "out"]));
    assert!(
        text.contains("people still have to merge v1.2.4 into `release-1` by hand: we merge it by hand"),
        "{text}"
    );
    assert_eq!(project.world(&["tag", "--list", "v1.2.4"]), "v1.2.4");
    assert!(text.contains(&format!("publish-advisory/{GHSA}: ")), "{text}");
    assert!(!text.contains("merge-patch/acme/pump/release-1: ASKS"), "{text}");
}

#[test]
fn base_that_cannot_be_is_refused_with_its_place() {
    let mut project = released_from_its_tag();
    project.release = project.release.replace("v1.2.3", "v1.2.33");
    let refused = project.plan();
    expect(&refused, 2);
    let text = said(&refused);
    assert!(text.contains("release.toml:9:8: `acme/pump` has no tag and no commit `v1.2.33`"), "{text}");
    assert!(text.contains("did you mean `v1.2.3`?"), "{text}");

    project.release = project.release.replace("v1.2.33", "v1.2.3");
    project.released = "trigger = { dispatch = \"release.yml\" }\ntag = \"v{version}\"".to_owned();
    let refused = said(&project.plan());
    assert!(
        refused.contains("release.toml:9:8: `release-1` of `acme/pump` cannot be released from `v1.2.3`"),
        "{refused}"
    );
}

#[test]
fn further_tags_of_a_release_are_made_at_the_same_commit_and_count_for_no_version() {
    let mut project = Project::new(
        "lines = [\"release-1\"]\npackage = { ecosystem = \"go\", name = \"example.org/pump\" }",
        "kind = \"tags\"",
    );
    project.released = "trigger = \"push-tag\"\ntag = \"v{version}\"\ntags = [\"api/v{version}\", \
                        \"client/v2.30{minor}.{patch}\", { tag = \"cli/v{version}\", branches = [\"main\"] }, \
                        \"pkg/v{version}\", \"server/v{version}\"]"
        .to_owned();
    project.commit(&[("go.mod", "module example.org/pump\n")], "a module");
    for tag in ["v1.2.3", "api/v1.2.3", "client/v2.302.3", "tool-x"] {
        project.git(&["tag", tag]);
    }
    project.on("release-1");
    let plan = project.plan();
    expect(&plan, 0);
    let line = target(&plan, "release-1");
    assert!(line.ends_with("(v1.2.4, api/v1.2.4, client/v2.302.4, pkg/v1.2.4, server/v1.2.4)"), "{line}");
    let text = said(&plan);
    assert!(text.contains("`tool-x`") && !text.contains("`api/v1.2.3`"), "{text}");

    expect(&project.rehearse(), 0);
    let released = project.world(&["rev-parse", "v1.2.4^{commit}"]);
    for tag in ["api/v1.2.4", "client/v2.302.4", "pkg/v1.2.4", "server/v1.2.4"] {
        assert_eq!(project.world(&["rev-parse", &format!("{tag}^{{commit}}")]), released, "{tag}");
    }
    assert_eq!(project.world(&["tag", "--list", "cli/*"]), "");
    assert_eq!(project.events(), ["introduced 1.2.3", "fixed 1.2.4"]);

    project.git(&["tag", "server/v1.2.4"]);
    let refused = said(&project.plan());
    assert!(refused.contains("so 1.2.4 would come next, but the tag server/v1.2.4 exists"), "{refused}");

    project.released = project.released.replace("pkg/v{version}", "pkg/v1");
    let refused = said(&project.plan());
    assert!(refused.contains("`pkg/v1` cannot be a tag of every release"), "{refused}");
}

#[test]
fn tag_that_two_lines_would_share_or_that_is_no_name_is_refused_with_its_place() {
    let lines = |more: &str| {
        let mut project = Project::new(&format!("lines = [\"release-1\", \"release-2\"]\n{PIP}"), IN_A_FILE);
        project.release("1.2.3", "v1.2.3");
        project.on("release-1");
        project.on("main");
        project.release("2.0.0", "v2.0.0");
        project.on("release-2");
        project.on("main");
        project.release = more.to_owned();
        project
    };
    let line = |what: &str| format!("[[line]]\nrepo = \"acme/pump\"\nbranch = \"release-1\"\n{what}");
    for (more, message) in [
        ("version = \"2.0.1\"", "would both be released as the tag v2.0.1"),
        ("version = \"v1.2.4\"", "it begins with a letter, as a tag does; the version is 1.2.4"),
    ] {
        let plan = lines(&line(more)).plan();
        expect(&plan, 2);
        assert!(said(&plan).contains("release.toml:") && said(&plan).contains(message), "{}", said(&plan));
    }
    for (tag, message) in [
        ("v1", "does not hold `{version}` once"),
        ("v{version}-{versoin}", "has a placeholder that a tag does not know"),
        ("v {version}..", "is no name that git takes"),
    ] {
        let mut project = lines("");
        project.released = format!("trigger = \"push-tag\"\ntag = \"{tag}\"");
        let plan = project.plan();
        expect(&plan, 2);
        assert!(said(&plan).contains("catalog.toml:") && said(&plan).contains(message), "{}", said(&plan));
    }
    let mut project = lines("");
    project.repo = format!("lines = [\"release-1\", \"release-1\"]\n{PIP}");
    let plan = project.plan();
    expect(&plan, 2);
    assert!(said(&plan).contains("`release-1` is among the lines of `acme/pump` twice"), "{}", said(&plan));
}

/// Two lines, the newer one with a second fault of its own.
fn two_lines_with_two_faults() -> Project {
    let mut project = Project::new(&format!("lines = [\"release-1\", \"release-2\"]\n{PIP}"), IN_A_FILE);
    project.commit(&[("src/other.txt", "a\nb\nold\nd\ne\n")], "another file");
    project.release("1.0.0", "v1.0.0");
    project.on("release-1");
    project.on("main");
    project.release("2.0.0", "v2.0.0");
    project.on("release-2");
    project.on("main");
    project.commit(&[("VERSION", "3.0.0\n")], "what comes next");
    project.git(&["checkout", "-q", "-b", "second", "main"]);
    project.commit(&[("src/other.txt", "a\nb\nnew\nd\ne\n")], "the other fault");
    let patch = project.git(&["format-patch", "-1", "--stdout"]);
    project.attach("fixes/0002.patch", &(patch + "\n"));
    project.on("main");
    let second = "\n\n[[advisory]]\nid = \"GHSA-2c4f-6g7h-8j9p\"\nrepo = \"acme/pump\"\nsummary = \"Another\"\ndescription = \
                  \"It does.\"\nseverity = \"low\"\ncve = \"none\"\n[[advisory.fix]]\nrepo = \"acme/pump\"\npatches = \
                  [\"fixes/0002.patch\"]";
    project.fix += second;
    project
}

#[test]
fn release_without_the_fix_of_an_advisory_is_as_the_one_before_it() {
    let mut project = two_lines_with_two_faults();
    project.fix = project.fix.replacen("\n\n", "\nbranches = [\"release-1\"]\n\n", 1);
    expect(&project.rehearse(), 0);
    let told = ["introduced 1.0.0", "fixed 1.0.1", "introduced 2.0.0", "last_affected 2.0.1"];
    assert_eq!(project.events(), told);
    let versions = said(&project.run(&["show", "versions", GHSA, "--dir", "out"]));
    let remark = "NEEDS REVIEW: `release-2` is affected, left out by `branches`: 2.0.1 carries it";
    assert!(versions.contains(remark), "{versions}");
}

#[test]
fn line_of_which_people_say_that_it_is_not_affected_stands_in_no_range() {
    let mut project = two_lines_with_two_faults();
    let said_of = |branch: &str| {
        format!("{{ branch = \"{branch}\", because = \"limited at the door\", by = \"grace\" }}")
    };
    let said_of = format!("\nnot-affected = [{}, {}]\n\n", said_of("release-2"), said_of("main"));
    project.fix = project.fix.replacen("\n\n", &said_of, 1);
    let plan = said(&project.plan());
    assert!(plan.contains("not release-2: not affected, says grace: limited at the door"), "{plan}");
    expect(&project.rehearse(), 0);
    assert_eq!(project.events(), ["introduced 1.0.0", "fixed 1.0.1"]);
    assert!(project.world(&["show", &format!("release-2:{SOURCE}")]).contains("limit = none"));
    let versions = said(&project.run(&["show", "versions", GHSA, "--dir", "out"]));
    assert!(versions.contains("by grace in release.toml, for its line: limited at the door"), "{versions}");
}

#[test]
fn further_tag_with_numbers_of_its_own_is_a_version_that_is_released_now() {
    let go = "package = { ecosystem = \"go\", name = \"example.org/pump\" }";
    let mut project = Project::new(&format!("lines = []\n{go}"), IN_A_FILE);
    project.commit(&[("go.mod", "module example.org/pump\n")], "a module");
    project.released += "\ntags = [\"v0.305.{patch}\"]";
    for version in ["3.5.1", "3.5.2"] {
        project.release(version, &format!("v{version}"));
        project.git(&["tag", &format!("v0.305.{}", &version[4..])]);
    }
    expect(&project.rehearse(), 0);
    let versions = said(&project.run(&["show", "versions", GHSA, "--dir", "out"]));
    let row = versions.lines().find(|line| line.contains("0.305.3")).unwrap_or_else(|| panic!("{versions}"));
    assert!(row.contains("fixed") && row.contains("released now"), "{versions}");
}

#[test]
fn version_of_a_line_is_that_of_its_last_pre_release_and_not_of_the_highest_name() {
    let npm = "package = { ecosystem = \"npm\", name = \"pump\" }";
    let project = Project::new(&format!("lines = [\"2.x\"]\n{npm}"), "kind = \"tags\"");
    let tagged = |version: &str| {
        project.commit(&[("built", version)], version);
        project.git(&["tag", &format!("v{version}")]);
    };
    ["1.0.0", "2.0.0-nightly.20270102", "2.0.0-nightly.20270103"].into_iter().for_each(tagged);
    project.on("2.x");
    tagged("2.0.0-beta.1");
    project.on("main");
    tagged("3.0.0-nightly.20270106");
    let plan = project.plan();
    assert!(target(&plan, "2.x").contains("2.0.0-beta.1 -> "), "{}", target(&plan, "2.x"));
}

#[test]
fn tag_that_is_no_semantic_version_is_none_of_a_go_module() {
    let go = "package = { ecosystem = \"go\", name = \"example.org/pump\" }";
    let project = Project::new(&format!("lines = []\n{go}"), IN_A_FILE);
    project.commit(&[("go.mod", "module example.org/pump\n")], "a module");
    project.release("1.0.alpha.3f", "1.0.alpha.3f");
    project.release("1.2.3", "v1.2.3");
    expect(&project.rehearse(), 0);
    assert_eq!(project.events(), ["introduced 1.2.3", "fixed 1.2.4"]);
}
