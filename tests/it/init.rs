//! A newcomer's path: from a repository of their own to a rehearsed release, with nothing edited but what `init` marked.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::printed::next_of;
use crate::project::{GHSA, Project};
use crate::real::github;
use crate::support::{copy, edit, expect, fixture, lockgate, on_path, said};

/// What a newcomer reads first.
const README: &str = include_str!("../../README.md");

/// A newcomer with a repository of their own, who follows what is printed.
struct Newcomer {
    project: Project,
    /// Programs that suites need and that are not on every machine.
    _tools: tempfile::TempDir,
    /// With these first.
    path: OsString,
}

impl Newcomer {
    /// With nothing but a mirror of their repository.
    fn with(project: Project) -> Newcomer {
        project.write();
        fs::remove_dir_all(project.path().join("release")).unwrap();
        let tools = tempfile::tempdir().unwrap();
        let put = |tool| on_path(tools.path(), tool, "echo nothing is wrong");
        let [path, ..] = ["cargo", "go", "npm", "python3"].map(put);
        Newcomer { project, _tools: tools, path }
    }

    fn types<S: AsRef<OsStr>>(&self, words: &[S]) -> Output {
        let mut command = lockgate();
        let output =
            command.args(words).current_dir(self.project.path()).env("PATH", &self.path).output().unwrap();
        expect(&output, 0);
        output
    }

    fn catalog(&self) -> PathBuf {
        self.project.path().join("release/catalog.toml")
    }

    /// Has a catalog written, fills in what is marked and nothing else, and types what is printed until nothing more is. All of it
    /// is green.
    fn goes_all_the_way(&self) -> String {
        let init = ["init", "--mirror", "acme/pump=pump.git", "--dir", "release"];
        let begun = self.types(&init);
        let text = fs::read_to_string(self.catalog()).unwrap();
        fs::write(self.catalog(), filled(&text)).unwrap();
        let [practise] = &next_of(&begun)[..] else { panic!("{}", said(&begun)) };
        let [plan, rehearse] = &next_of(&self.types(practise))[..] else { panic!("two commands") };
        for words in [init.join(" "), practise.join(" "), rehearse.join(" ")] {
            assert!(README.contains(&format!("    lockgate {words}\n")), "`{words}` is not in the README");
        }
        self.types(plan);
        let report = said(&self.types(rehearse));
        assert!(report.contains("Verified from outside"), "{report}");
        text
    }
}

/// A catalog in which the lines below a mark are filled in.
fn filled(text: &str) -> String {
    let mut is_marked = false;
    let lines = text.lines().map(|line| {
        let marked = std::mem::replace(&mut is_marked, line.starts_with("# EDIT"));
        match line.split_once(" = ").filter(|_| marked) {
            Some(("maintainers", _)) => "maintainers = [\"ada\", \"grace\"]".to_owned(),
            Some(("from", _)) => "from = \"Acme security <security@acme.example>\"".to_owned(),
            Some(("announce", _)) => "announce = [\"announce@acme.example\"]".to_owned(),
            Some((key, _)) => panic!("{key} is marked"),
            None => line.to_owned(),
        }
    });
    lines.map(|line| line + "\n").collect()
}

/// The catalog that is written for a project whose `main` has these files at its release 1.2.0, and one more commit; with it the
/// release is rehearsed.
fn written(files: &[(&str, &str)]) -> String {
    let project = Project::new("", "");
    project.commit(files, "everything");
    project.git(&["tag", "-a", "v1.2.0", "-m", "v1.2.0"]);
    project.commit(&[("src/more.txt", "more\n")], "go on");
    Newcomer::with(project).goes_all_the_way()
}

fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "`{line}` is not in\n{text}");
    }
}

#[test]
fn python_project_is_released_from_what_init_wrote() {
    let text = written(&[
        ("pyproject.toml", "[project]\nname = \"acme-pump\"\nversion = \"1.2.0\"\n"),
        (
            "CHANGES.md",
            "# Changes\n\n## 1.2.0 (2026-01-07)\n\n- Faster.\n\n## 1.1.0 (2025-01-07)\n\n- Slower.\n",
        ),
        ("SECURITY.md", "Write to security@acme.example.\n"),
    ]);
    has(
        &text,
        &[
            "default-branch = \"main\"",
            "lines = []",
            "kind = \"pyproject\"",
            "file = \"CHANGES.md\"",
            "heading = \"## {version} ({date})\"",
            "tag = \"v{version}\"",
            "ecosystem = \"pip\"",
            "name = \"acme-pump\"",
            "from = \"acme security <security@acme.example>\"",
            "maintainers = [\"your-login\"]",
        ],
    );
}

#[test]
fn node_project_is_released_from_what_init_wrote() {
    let text = written(&[
        (
            "package.json",
            "{\n  \"name\": \"@acme/pump\",\n  \"version\": \"1.2.0\",\n  \"scripts\": { \"test\": \"node test.js\" }\n}\n",
        ),
        ("CHANGELOG.md", "# Changelog\n\n## [1.2.0] - 2026-01-07\n\n### Security\n\n* Faster.\n"),
        (
            ".github/workflows/release.yml",
            "on:\n  push:\n    tags: ['v*']\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh release create\n",
        ),
    ]);
    has(
        &text,
        &[
            "kind = \"npm\"",
            "heading = \"## [{version}] - {date}\"",
            "section = \"### Security\"",
            "# `release.yml` starts on tags",
            "# `release.yml` seems to make the GitHub Release; name the files that it attaches in `assets`",
            "run = [\"npm\", \"test\"]",
        ],
    );
}

#[test]
fn workspace_whose_packages_count_by_themselves_is_released_from_what_init_wrote() {
    let project = Project::new("", "");
    let manifest = |name: &str, version: &str| {
        format!("{{\n  \"name\": \"@acme/{name}\",\n  \"version\": \"{version}\"\n}}\n")
    };
    let files = [
        (
            "package.json",
            "{\n  \"private\": true,\n  \"workspaces\": [\"packages/*\"],\n  \"scripts\": { \"test\": \"node test.js\" }\n}\n",
        ),
        ("packages/dial/package.json", &manifest("dial", "0.4.0")),
        ("packages/gauge/package.json", &manifest("gauge", "1.2.0")),
        ("packages/gauge/CHANGELOG.md", "# @acme/gauge\n\n## 1.2.0\n\n- It.\n\n## 1.1.0\n\n- It.\n"),
    ];
    project.commit(&files, "everything");
    for tag in ["@acme/gauge@1.1.0", "@acme/gauge@1.2.0", "@acme/dial@0.4.0"] {
        project.git(&["tag", tag]);
    }
    project.commit(&[("src/more.txt", "more\n")], "go on");
    let text = Newcomer::with(project).goes_all_the_way();
    has(
        &text,
        &[
            "kind = \"npm\"",
            "manifest = \"packages/gauge/package.json\"",
            "tag = \"@acme/gauge@{version}\"",
            "file = \"packages/gauge/CHANGELOG.md\"",
            "path = \"packages/dial\"",
            "version = { kind = \"npm\" }",
            "tag = \"@acme/dial@{version}\"",
        ],
    );
    assert!(!text.contains("earlier-tags"), "{text}");
}

#[test]
fn example_addresses_are_for_rehearsals_alone() {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("demo"), folder.path());
    fs::remove_file(folder.path().join("world.toml")).unwrap();
    edit(folder.path(), "release.toml", "disclosure = \"2026", "disclosure = \"2126");
    for command in ["plan", "run"] {
        let output = lockgate().arg(command).current_dir(folder.path()).output().unwrap();
        expect(&output, 2);
        let said = said(&output);
        assert!(said.contains("catalog.toml:") && said.contains("is an example, and no address"), "{said}");
    }
}

#[test]
fn go_project_is_released_from_what_init_wrote() {
    let text = written(&[("go.mod", "module acme.example/pump\n\ngo 1.24\n")]);
    has(&text, &["kind = \"tags\"", "ecosystem = \"go\"", "name = \"acme.example/pump\""]);
}

#[test]
fn rust_project_with_lines_is_released_from_what_init_wrote() {
    let project = Project::new("", "");
    let manifest =
        |version: &str| format!("[package]\nname = \"pump\"\nversion = \"{version}\"\nedition = \"2024\"\n");
    project.commit(&[("Cargo.toml", &manifest("1.2.0"))], "everything");
    project.git(&["tag", "v1.2.0"]);
    project.on("release-1.2");
    project.commit(&[("Cargo.toml", &manifest("1.2.1"))], "1.2.1");
    project.git(&["tag", "v1.2.1"]);
    project.on("main");
    project.commit(&[("Cargo.toml", &manifest("1.3.0-dev"))], "go on");
    let text = Newcomer::with(project).goes_all_the_way();
    has(&text, &["lines = [\"release-1.2\"]", "kind = \"cargo-workspace\"", "ecosystem = \"rust\""]);
}

/// What `init` writes for a repository, to be looked at.
fn told(project: &Project) -> String {
    project.write();
    let words = ["init", "--print", "--mirror", "acme/pump=pump.git"];
    let output = lockgate().args(words).current_dir(project.path()).output().unwrap();
    expect(&output, 0);
    said(&output)
}

#[test]
fn lines_are_seen_where_they_are_called_stable_or_are_newer_than_the_default_branch() {
    let project = Project::new("", "");
    project.release("1.2.0", "v1.2.0");
    project.on("stable");
    project.release("1.2.1", "v1.2.1");
    project.on("main");
    project.commit(&[("src/more.txt", "more\n")], "go on");
    project.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'stable'", "stable"]);
    let text = told(&project);
    has(&text, &["lines = [\"stable\"]", "# carry = \"merge-up\""]);
    // A branch of that name which is only moved to each release is no line.
    project.commit(&[("VERSION", "1.3.0\n")], "1.3.0");
    project.git(&["tag", "-a", "v1.3.0", "-m", "v1.3.0"]);
    project.git(&["branch", "-q", "-f", "stable"]);
    has(&told(&project), &["lines = []"]);
    // The default branch is a line itself.
    project.git(&["checkout", "-q", "-b", "1.3"]);
    project.release("1.3.1", "v1.3.1");
    project.git(&["checkout", "-q", "-b", "1.4"]);
    project.release("1.4.0", "v1.4.0");
    project.write();
    project.git(&["-C", "../pump.git", "symbolic-ref", "HEAD", "refs/heads/1.3"]);
    let words = ["init", "--print", "--mirror", "acme/pump=pump.git"];
    let output = lockgate().args(words).current_dir(project.path()).output().unwrap();
    expect(&output, 0);
    has(&said(&output), &["default-branch = \"1.3\"", "# newer-lines = [\"1.4\"]"]);
}

#[test]
fn what_moved_with_the_newest_release_is_part_of_the_version_or_named() {
    let project = Project::new("", "");
    let release = |version: &str| {
        let files = [
            ("package.json", format!("{{ \"name\": \"pump\", \"version\": \"{version}\" }}\n")),
            ("pump.js", format!("'use strict'\n\nconst VERSION = '{version}'\n")),
            ("README.md", "npm install pump@1.2.0\n".to_owned()),
            ("docs/page.md", format!("pump {version} of today\n")),
        ];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        project.commit(&files, version);
        project.git(&["tag", "-a", &format!("v{version}"), "-m", version]);
    };
    release("1.2.0");
    release("1.2.1");
    project.commit(&[("docs/page.md", "no number any more\n")], "go on");
    let text = told(&project);
    has(
        &text,
        &[
            "# the default branch states 1.2.1; the newest release is 1.2.1; `pump.js` moved with the newest release",
            "    { kind = \"npm\" },",
            "    { kind = \"text\", file = \"pump.js\", text = \"const VERSION = '{version}'\" },",
            "# moved with the newest release as well, and no rule here is about it: `docs/page.md` line 1",
        ],
    );
    assert!(!text.contains("README.md"), "nobody raises it: {text}");
}

/// As git does it: the first release of a line is made on the default branch, and `maint` mends it.
#[test]
fn maintenance_branch_is_a_line_and_notes_with_a_file_for_each_release_are_found() {
    let project = Project::new("", "");
    let told = |version: &str| {
        (
            format!("Documentation/RelNotes/{version}.adoc"),
            format!("Pump v{version} Release Notes\n=========================\n\n * One\n"),
        )
    };
    let release = |version: &str| {
        let (path, text) = told(version);
        let stated = format!("#!/bin/sh\nDEF_VER=v{version}\n");
        project.commit(&[("PUMP-VERSION-GEN", &stated), (&path, &text)], version);
        project.git(&["tag", "-a", &format!("v{version}"), "-m", version]);
    };
    release("1.2.0");
    project.on("maint");
    release("1.2.1");
    project.on("main");
    project.commit(&[("src/more.txt", "more\n")], "go on");
    project.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'maint'", "maint"]);
    release("1.3.0");
    project.git(&["branch", "-q", "-f", "maint"]);
    project.commit(&[("src/more.txt", "and more\n")], "go on again");
    let text = self::told(&project);
    has(
        &text,
        &[
            "lines = [\"maint\"]",
            "file = \"PUMP-VERSION-GEN\"",
            "file = \"Documentation/RelNotes/{version}.adoc\"",
            "preamble = \"Pump v{version} Release Notes\\n=========================\\n\\n\"",
        ],
    );
}

#[test]
fn lines_that_a_policy_names_are_supported_and_notes_of_older_lines_are_seen_on_newer_ones() {
    let project = Project::new("", "");
    let news = |versions: &[&str]| {
        versions.iter().map(|version| format!("## {version}\n\n- It.\n\n")).collect::<String>()
    };
    let at = |day: &str, version: &str, told: &[&str]| {
        project.commit(&[("VERSION", &format!("{version}\n")), ("NEWS.md", &news(told))], version);
        project
            .dated(&format!("{day}T12:00:00Z"), &["commit", "-q", "--amend", "--no-edit", "--reset-author"]);
        project.git(&["tag", &format!("v{version}")]);
    };
    at("2024-01-07", "1.0.0", &["1.0.0"]);
    for branch in ["0.9", "1.0"] {
        project.git(&["branch", branch]);
    }
    at("2024-02-07", "2.0.0", &["2.0.0", "1.0.0"]);
    project.git(&["branch", "2.0"]);
    at("2024-03-07", "3.0.0", &["3.0.0", "2.0.0", "1.0.0"]);
    project.git(&["branch", "3.0"]);
    project.on("0.9");
    at("2024-04-01", "0.9.1", &["0.9.1"]);
    project.on("1.0");
    at("2024-04-07", "1.0.1", &["1.0.1", "1.0.0"]);
    project.on("2.0");
    at("2026-01-07", "2.0.1", &["2.0.1", "2.0.0", "1.0.1", "1.0.0"]);
    project.on("3.0");
    at("2026-01-08", "3.0.1", &["3.0.1", "3.0.0", "2.0.1", "2.0.0", "1.0.1", "1.0.0"]);
    project.on("main");
    let policy =
        "| Version | Supported |\n| --- | --- |\n| 1.0.x | :white_check_mark: LTS |\n| 0.9.x | :x: |\n";
    let all = ["3.0.1", "3.0.0", "2.0.1", "2.0.0", "1.0.1", "1.0.0"];
    project.commit(&[("SECURITY.md", policy), ("NEWS.md", &news(&all))], "policy");
    let text = told(&project);
    has(
        &text,
        &[
            "lines = [\"1.0\", \"2.0\", \"3.0\"]",
            "# guess: their newest releases are 1.0.1 of 2024-04-07, 2.0.1 of 2026-01-07, 3.0.1 of 2026-01-08; \
             the security policy names `1.0` as supported",
            "# not taken for supported: `0.9`, whose newest release is 0.9.1 of 2024-04-01",
            "carry-forward = [\"default-branch\", \"newer-lines\"]",
        ],
    );
}

#[test]
fn branch_that_is_made_at_each_release_is_no_sign_of_merging_and_one_of_pre_releases_is_to_come() {
    let project = Project::new("", "");
    for version in ["1.2.0", "1.3.0"] {
        project.release(version, &format!("v{version}"));
        project.git(&["branch", &format!("{}.x", version.trim_end_matches(".0"))]);
    }
    project.on("2.0.x");
    project.release("2.0.0-rc.1", "v2.0.0-rc.1");
    // Called by a number alone: one was released from, the other is somebody's work.
    project.git(&["checkout", "-q", "-b", "v0", "main"]);
    project.release("0.9.1", "v0.9.1");
    project.git(&["branch", "1234", "main"]);
    project.on("main");
    project.commit(&[("src/more.txt", "more\n")], "go on");
    let text = told(&project);
    has(&text, &["lines = [\"v0\", \"1.2.x\", \"1.3.x\"]"]);
    assert!(text.contains("# not released from yet, but for 2.0.0-rc.1 of "), "{text}");
    assert!(!text.contains("merge-up"), "{text}");
}

#[test]
fn what_init_writes_is_a_catalog_wherever_facts_stand() {
    let project = Project::new("", "");
    let heading =
        |version: &str, anchor: &str| format!("## {version} - 2026-01-07 {{#version-{anchor}}}\n\n- It.\n\n");
    let news = heading("1.2.3", "1-2-3") + &heading("1.2.2", "1-2-2");
    let workflow =
        "on: workflow_dispatch\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n";
    let files = [
        ("lib/pump/pump.rb", "module Pump\n  VERSION = \"1.2.3\"\nend\n"),
        (
            "pump.gemspec",
            "Gem::Specification.new { |spec| spec.name = \"pump\"; spec.version = Pump::VERSION }\n",
        ),
        ("NEWS.md", &news),
        (".github/workflows/deploy.yml", workflow),
        (".github/workflows/release.yml", workflow),
    ];
    project.commit(&files, "everything");
    // A signed tag that the project's own CI made: what the catalog would say of it is for tags that people push.
    let signed = "v1.2.3\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----";
    project.git(&["tag", "-a", "v1.2.3", "-m", signed]);
    let text = told(&project);
    has(
        &text,
        &[
            "file = \"lib/pump/pump.rb\"",
            "heading = \"## {version} - {date} {#version-{major}-{minor}-{patch}}\"",
            "trigger = { dispatch = \"release.yml\" }",
        ],
    );
    assert!(!text.contains("sign-tags"), "{text}");
    // Tags of another name, and leftovers of a remote in a mirror.
    project.git(&["tag", "-d", "v1.2.3"]);
    project.git(&["tag", "libpump-1_2_3"]);
    project.git(&["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
    has(&told(&project), &["tag = \"libpump-{major}_{minor}_{patch}\"", "file = \"lib/pump/pump.rb\""]);
    project.git(&["tag", "-d", "libpump-1_2_3"]);
    project.git(&["tag", "before-the-move"]);
    has(
        &told(&project),
        &["# guess: no version is read from the tags, of which `before-the-move` is the newest"],
    );
}

#[test]
fn name_of_a_clone_is_that_of_its_origin_and_no_file_is_overwritten() {
    let project = Project::new("", "");
    project.write();
    let refused = project.run(&["init", "pump"]);
    expect(&refused, 2);
    assert!(said(&refused).contains("--mirror OWNER/NAME=pump"), "{}", said(&refused));
    project.git(&["remote", "add", "origin", "git@github.com:acme/pump.git"]);
    let output = project.run(&["init", "pump"]);
    expect(&output, 0);
    assert!(said(&output).contains("to fill in:"), "{}", said(&output));
    let again = project.run(&["init", "pump"]);
    expect(&again, 2);
    assert!(said(&again).contains("is there already"), "{}", said(&again));
    let nothing = project.run(&["init", "acme pump"]);
    expect(&nothing, 2);
    assert!(said(&nothing).contains("neither a directory nor a repository"), "{}", said(&nothing));
}

/// The demo's world, served alone, with what `init` asks for in the folder `mine`.
fn served(folder: &Path) -> (crate::real::Server, String, PathBuf) {
    let release = folder.join("demo");
    copy(&fixture("demo"), &release);
    let (server, base) = github(&release, &folder.join("world"));
    let mine = folder.join("mine");
    fs::create_dir_all(&mine).unwrap();
    (server, base, mine)
}

#[test]
fn repository_at_github_is_fetched_and_its_advisory_becomes_a_release_file() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, base, mine) = served(folder.path());
    let init = |arguments: &[&str]| {
        let token = ("GH_TOKEN", "emulated-token-of-mara");
        lockgate().arg("init").args(arguments).env(token.0, token.1).current_dir(&mine).output().unwrap()
    };
    let (api, git) = (format!("{base}api/"), format!("{base}git/"));
    let output = init(&["brightwater/sluice", "--api", &api, "--git", &git]);
    expect(&output, 0);
    let text = fs::read_to_string(mine.join("catalog.toml")).unwrap();
    has(&text, &["name = \"brightwater/sluice\"", "default-branch = \"main\""]);
    assert!(text.contains("maintainers = [\"mara\""), "{text}");
    assert!(text.contains("# GitHub allows: merge"), "{text}");

    let endpoints = format!("\n[endpoints]\napi = \"{api}\"\ngit = \"{git}\"\n\n[[repo]]");
    edit(&mine, "catalog.toml", "\n[[repo]]", &endpoints);
    expect(&init(&["--release", "GHSA-4wx7-c2fg-q8rm"]), 0);
    let text = fs::read_to_string(mine.join("release.toml")).unwrap();
    has(&text, &["id = \"GHSA-4wx7-c2fg-q8rm\"", "repo = \"brightwater/sluice\"", "manager = \"mara\""]);
    assert!(text.contains("# EDIT: the text that is published"), "{text}");
    let unwritten =
        lockgate().arg("plan").env("GH_TOKEN", "emulated-token-of-mara").current_dir(&mine).output().unwrap();
    expect(&unwritten, 2);
    assert!(said(&unwritten).contains("description"), "{}", said(&unwritten));
    let unknown = init(&["--release", GHSA, "--print"]);
    expect(&unknown, 2);
    assert!(said(&unknown).contains("no repository of the catalog has the advisory"), "{}", said(&unknown));
}
