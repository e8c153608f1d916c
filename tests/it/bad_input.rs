//! What cannot be used is refused before anything is done: with its place, its remedy, and exit code 2.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

use crate::support::{copy, expect, fixture, run, said};

/// A copy of the demo whose files can be spoilt.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn of_the_demo() -> Copy {
        let folder = tempfile::tempdir().unwrap();
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        copy(&demo, folder.path());
        Copy { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Changes one file; the text to be replaced must be there, or the story would prove nothing.
    fn spoil(self, name: &str, from: &str, to: &str) -> Copy {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {name}");
        fs::write(self.path(name), text.replacen(from, to, 1)).unwrap();
        self
    }

    /// The line of a text in a file, from 1.
    fn line_of(&self, name: &str, text: &str) -> usize {
        let all = fs::read_to_string(self.path(name)).unwrap();
        1 + all.lines().position(|line| line.contains(text)).unwrap()
    }

    /// `lockgate plan` and `lockgate rehearse` refuse it alike.
    fn is_refused(&self, place: &str, message: &str, hint: &str) {
        for command in ["plan", "rehearse"] {
            lockgate()
                .arg(command)
                .arg(self.folder.path())
                .assert()
                .code(2)
                .stderr(contains(place).and(contains(message)).and(contains(hint)).and(contains("hint: ")));
        }
    }
}

fn lockgate() -> Command {
    let mut command = Command::cargo_bin("lockgate").unwrap();
    command.env("NO_COLOR", "1").env_remove("GH_TOKEN").env_remove("GITHUB_TOKEN");
    command
}

#[test]
fn missing_file_is_named_with_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["plan", "rehearse", "run"] {
        lockgate()
            .arg(command)
            .arg(folder.path())
            .assert()
            .code(2)
            .stderr(contains("there is no catalog at").and(contains("lockgate schema catalog")));
    }
    let copy = Copy::of_the_demo();
    fs::remove_file(copy.path("release.toml")).unwrap();
    copy.is_refused("release.toml", "there is no release file", "lockgate schema release");
}

#[test]
fn missing_patch_is_shown_where_it_is_named() {
    let copy = Copy::of_the_demo();
    fs::remove_file(copy.path("fixes/sluice-nesting.patch")).unwrap();
    let line = copy.line_of("release.toml", "fixes/sluice-nesting.patch");
    copy.is_refused(&format!("release.toml:{line}:"), "failed to read the patch", "git format-patch");
}

#[test]
fn unknown_key_is_shown_with_the_nearest_known_one() {
    let copy = Copy::of_the_demo().spoil("catalog.toml", "maintainers =", "maintainer =");
    copy.is_refused("catalog.toml:3:1", "unknown field `maintainer`", "did you mean `maintainers`?");
}

#[test]
fn key_in_the_wrong_table_is_refused_with_the_one_that_has_it() {
    for (file, after, key, belongs) in [
        (
            "release.toml",
            "cve = \"none\"\n",
            "introduced = [\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]\n",
            "`introduced` belongs in `[[advisory.fix]]`",
        ),
        ("release.toml", "patches = [", "severity = \"high\"\n", "`severity` belongs in `[[advisory]]`"),
        ("catalog.toml", "[[repo]]\n", "smtp = \"smtp://mail.acme.dev\"\n", "`smtp` belongs in `[mail]`"),
        ("catalog.toml", "trigger = ", "macros = [\"A\"]\n", "`macros` belongs in `[repo.version]`"),
        (
            "world.toml",
            "[[users]]\n",
            "required_checks = [\"x\"]\n",
            "`required_checks` belongs in `[[repos.protection]]`",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        copy(&fixture("conflict"), folder.path());
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(after), "{file}");
        let with = if after.ends_with('\n') { format!("{after}{key}") } else { format!("{key}{after}") };
        fs::write(&path, text.replacen(after, &with, 1)).unwrap();
        let output = run(["plan", folder.path().to_str().unwrap()]);
        expect(&output, 2);
        assert!(said(&output).contains(belongs), "{}", said(&output));
    }
}

#[test]
fn glob_that_cannot_be_read_is_shown_with_how_to_write_one() {
    let copy = Copy::of_the_demo().spoil(
        "catalog.toml",
        "noise = [\"Cargo.lock\"]",
        "noise = [\"*.snap\", \"fuzz/[corpus\"]",
    );
    let line = copy.line_of("catalog.toml", "fuzz/[corpus");
    copy.is_refused(
        &format!("catalog.toml:{line}:9"),
        "`fuzz/[corpus` is not a glob of paths",
        "lockgate schema catalog",
    );
}

#[test]
fn branch_of_a_fix_that_the_catalog_lacks_is_shown() {
    let copy = Copy::of_the_demo().spoil("release.toml", "[\"release/1.x\"]", "[\"release/1.y\"]");
    let line = copy.line_of("release.toml", "release/1.y");
    copy.is_refused(
        &format!("release.toml:{line}:"),
        "no supported branch `release/1.y`",
        "did you mean `release/1.x`?",
    );
}

#[test]
fn line_of_the_catalog_that_the_world_lacks_is_shown() {
    let copy =
        Copy::of_the_demo().spoil("catalog.toml", "\"release/3.x\"]", "\"release/3.x\", \"release/4.x\"]");
    let line = copy.line_of("catalog.toml", "release/4.x");
    copy.is_refused(&format!("catalog.toml:{line}:"), "has no branch `release/4.x`", "release/3.x");
}

#[test]
fn advisory_in_a_repository_that_the_catalog_lacks_is_shown() {
    let copy = Copy::of_the_demo().spoil(
        "release.toml",
        "repo = \"brightwater/sluice\"",
        "repo = \"brightwater/slice\"",
    );
    let line = copy.line_of("release.toml", "brightwater/slice");
    copy.is_refused(
        &format!("release.toml:{line}:"),
        "which is not in the catalog",
        "did you mean `brightwater/sluice`?",
    );
}

#[test]
fn repositories_that_depend_on_each_other_are_named_as_a_cycle() {
    let copy = Copy::of_the_demo();
    let text = fs::read_to_string(copy.path("catalog.toml")).unwrap();
    let cycle = "[[repo.depends]]\non = \"brightwater/weir\"\n\
        rule = { kind = \"regex\", file = \"README.md\", pattern = '^weir (?<version>.+)$' }\n\
        [repo.depends.lines]\n\"release/1.x\" = \"release/5.x\"\n\n";
    // Before the second repository, so that it belongs to the first.
    let second = text.rfind("[[repo]]").unwrap();
    fs::write(copy.path("catalog.toml"), format!("{}{cycle}{}", &text[..second], &text[second..])).unwrap();
    copy.is_refused(
        "catalog.toml:",
        "`brightwater/sluice` -> `brightwater/weir` -> `brightwater/sluice`",
        "remove one of the dependencies",
    );
}

#[test]
fn disclosure_time_in_the_past_is_shown() {
    let copy = Copy::of_the_demo().spoil("release.toml", "disclosure = \"2026-03", "disclosure = \"2025-03");
    let line = copy.line_of("release.toml", "disclosure =");
    copy.is_refused(&format!("release.toml:{line}:"), "is in the past", "announce a new time");
}

#[test]
fn workflow_with_a_step_that_does_not_exist_is_shown() {
    let copy = Copy::of_the_demo().spoil("release.toml", "workflow = \"wamr\"", "workflow = \"own.toml\"");
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows/wamr.toml");
    let text = fs::read_to_string(built_in).unwrap().replacen("\"prove\", ", "\"proove\", ", 1);
    fs::write(copy.path("own.toml"), text).unwrap();
    let line = copy.line_of("own.toml", "proove");
    copy.is_refused(&format!("own.toml:{line}:"), "there is no step `proove`", "did you mean `prove`?");
}

#[test]
fn workflow_that_does_not_exist_is_named_with_the_known_ones() {
    let copy = Copy::of_the_demo().spoil("release.toml", "workflow = \"wamr\"", "workflow = \"wamp\"");
    copy.is_refused("", "there is no workflow `wamp`", "did you mean `wamr`?");
}

/// In the world of `world.toml`, and in one that is made of the mirrors themselves.
#[rstest::rstest]
#[case::described(true)]
#[case::made_of_mirrors(false)]
fn mirror_of_a_repository_that_nobody_names_is_refused_with_the_nearest(#[case] world: bool) {
    let copy = Copy::of_the_demo();
    if !world {
        fs::remove_file(copy.path("world.toml")).unwrap();
    }
    let mirror = tempfile::tempdir().unwrap();
    std::process::Command::new("git").args(["init", "-q", "--bare"]).arg(mirror.path()).status().unwrap();
    for command in ["plan", "rehearse"] {
        lockgate()
            .arg(command)
            .arg(copy.path("."))
            .args(["--mirror", &format!("brightwater/slice={}", mirror.path().display())])
            .assert()
            .code(2)
            .stderr(contains("`brightwater/slice`").and(contains("did you mean `brightwater/sluice`?")));
    }
}

#[test]
fn run_without_a_start_is_told_how_to_start() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["status", "log", "resume"] {
        lockgate().arg(command).arg(folder.path()).assert().code(2).stderr(contains("lockgate run"));
    }
}

#[test]
fn revision_and_repository_that_do_not_exist_are_named() {
    let folder = tempfile::tempdir().unwrap();
    lockgate()
        .args(["backport", "--fix", "main", "--onto", "main", "--repo"])
        .arg(folder.path())
        .assert()
        .code(2)
        .stderr(contains("cannot be opened as a git repository").and(contains("hint: ")));
    std::process::Command::new("git").args(["init", "-q"]).arg(folder.path()).status().unwrap();
    for (revision, message) in [("nowhere", "names no commit"), ("--all", "looks like an option")] {
        lockgate()
            .args(["backport", "--onto", "main", "--fix", revision, "--repo"])
            .arg(folder.path())
            .assert()
            .code(2)
            .stderr(contains(message).and(contains("hint: ")));
    }
}

/// GitHub answers these with 422, in the middle of the release.
#[rstest::rstest]
#[case::category("cwes", "cwes = [\"CWE-16\"]", "`CWE-16` is not a weakness", "not of a category")]
#[case::bare_number("cwes", "cwes = [\"79\"]", "`79` is not a weakness id", "did you mean `CWE-79`?")]
#[case::credit(
    "credits",
    "credits = [{ login = \"quill\", type = \"remediation-developer\" }]",
    "unknown variant `remediation-developer`",
    "did you mean `remediation_developer`?"
)]
#[case::vector("cvss", "cvss = \"CVSS:3.1/AV:N/AC:L\"", "base metrics `PR`", "from the calculator")]
#[case::old_vector(
    "cvss",
    "cvss = \"AV:N/AC:L/Au:N/C:P/I:P/A:P\"",
    "is not a CVSS vector",
    "from the calculator"
)]
#[case::no_text("description", "description = \"  \"", "the description of", "never published as it came")]
#[case::two_lines("summary", "summary = \"a\\nb\"", "is more than one line", "belongs in `description`")]
fn fact_that_github_would_refuse_is_shown_with_the_right_value(
    #[case] key: &str,
    #[case] fact: &str,
    #[case] message: &str,
    #[case] hint: &str,
) {
    let copy = Copy::of_the_demo();
    let name = "release.toml";
    let text = fs::read_to_string(copy.path(name)).unwrap();
    let mut document: toml_edit::DocumentMut = text.parse().unwrap();
    let advisory = document["advisory"].as_array_of_tables_mut().unwrap().get_mut(0).unwrap();
    for clashing in ["severity", "cvss", key] {
        advisory.remove(clashing);
    }
    let text = document.to_string().replacen("[[advisory]]\n", &format!("[[advisory]]\n{fact}\n"), 1);
    fs::write(copy.path(name), text).unwrap();
    let line = copy.line_of(name, fact);
    copy.is_refused(&format!("release.toml:{line}:"), message, hint);
}

#[test]
fn ecosystem_by_another_name_is_answered_with_githubs() {
    let copy = Copy::of_the_demo().spoil("catalog.toml", "ecosystem = \"rust\"", "ecosystem = \"crates.io\"");
    let line = copy.line_of("catalog.toml", "crates.io");
    copy.is_refused(&format!("catalog.toml:{line}:"), "unknown ecosystem `crates.io`", "write `rust`");
}

#[test]
fn package_that_its_registry_does_not_know_is_found_when_the_plan_is_made() {
    let copy =
        Copy::of_the_demo().spoil("catalog.toml", "name = \"weir\", registry", "name = \"wier\", registry");
    let line = copy.line_of("catalog.toml", "wier");
    copy.is_refused(
        &format!("catalog.toml:{line}:"),
        "the registry does not know it (asked at http",
        "correct the package's name",
    );
}

#[test]
fn manager_who_is_no_maintainer_and_a_time_that_is_none_are_shown_in_the_release_file() {
    let copy = Copy::of_the_demo().spoil("release.toml", "manager = \"mara\"", "manager = \"maria\"");
    let place = format!("release.toml:{}:", copy.line_of("release.toml", "manager"));
    copy.is_refused(&place, "is not among the catalog's maintainers", "did you mean `mara`?");

    let copy = Copy::of_the_demo().spoil("release.toml", "disclosure = \"2026", "disclosure = \"0000");
    let place = format!("release.toml:{}:", copy.line_of("release.toml", "disclosure ="));
    copy.is_refused(&place, "nothing is disclosed in the year 0", "announce a time in UTC");
}

#[test]
fn approver_whom_github_does_not_know_and_an_id_that_no_branch_can_hold_are_shown_in_the_release_file() {
    let copy = Copy::of_the_demo().spoil("release.toml", "[\"mara\", \"ines\"]", "[\"mara\", \"inez\"]");
    let place = format!("release.toml:{}:", copy.line_of("release.toml", "approvers"));
    copy.is_refused(&place, "GitHub knows nobody who is called `inez`", "correct the name");

    let id = format!("\"{}\"", "a".repeat(300));
    let copy = Copy::of_the_demo().spoil("release.toml", "\"2026-03-high-water\"", &id);
    let place = format!("release.toml:{}:", copy.line_of("release.toml", "id ="));
    copy.is_refused(&place, "the id has 300 letters", "use at most 100");
}

#[test]
fn git_that_is_missing_is_told_as_such_and_no_mirror_is_blamed() {
    let nowhere = tempfile::tempdir().unwrap();
    let demo = Copy::of_the_demo();
    let mirror = nowhere.path().join("sluice.git");
    let made =
        std::process::Command::new("git").args(["init", "-q", "--bare"]).arg(&mirror).status().unwrap();
    assert!(made.success());
    let given = format!("brightwater/sluice={}", mirror.display());
    for arguments in [vec!["rehearse"], vec!["rehearse", "--mirror", given.as_str()]] {
        lockgate()
            .args(arguments)
            .arg(demo.folder.path())
            .env("PATH", nowhere.path())
            .assert()
            .code(20)
            .stderr(contains("`git`").and(contains("install git 2.39 or later, or put it on PATH")))
            .stderr(contains("the mirror").not());
    }
}
