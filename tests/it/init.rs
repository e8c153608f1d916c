//! A newcomer's path: from a repository of their own to a rehearsed release, with nothing edited but what `init` marked.

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{GHSA, PUMP, Project};
use crate::real::github;
use crate::support::{copy, edit, expect, fixture, lockgate, said};

/// The catalog that is written for a project whose `main` has these files at its release 1.2.0, and one more commit.
fn written(files: &[(&str, &str)]) -> (Project, String) {
    let project = Project::new("", "");
    project.commit(files, "everything");
    project.git(&["tag", "-a", "v1.2.0", "-m", "v1.2.0"]);
    project.commit(&[("src/more.txt", "more\n")], "go on");
    project.write();
    let output = project.run(&["init", "--mirror", "acme/pump=pump.git", "--dir", "."]);
    expect(&output, 0);
    let text = fs::read_to_string(project.path().join("catalog.toml")).unwrap();
    (project, text)
}

/// Fills in what is marked, and rehearses.
fn green(project: &Project, text: &str) {
    let folder = project.path().join("release");
    let text = text.replace("\"your-login\"", "\"ada\"");
    // The test command is a guess: it needs tools that are not everywhere.
    let test = text.split("[[repo.test]]").next().unwrap().to_owned()
        + "[[repo.test]]\nname = \"unit\"\nrun = \"true\"\n";
    fs::write(folder.join("catalog.toml"), test).unwrap();
    let release = fs::read_to_string(folder.join("release.toml")).unwrap();
    fs::write(
        folder.join("release.toml"),
        release.replace("cve = \"none\"\n", "cve = \"none\"\ncwes = [\"CWE-400\"]\n"),
    )
    .unwrap();
    let mirror = format!("{PUMP}=pump.git");
    expect(&project.run(&["plan", "release", "--mirror", &mirror]), 0);
    expect(&project.run(&["rehearse", "release", "--mirror", &mirror, "--keep", "out"]), 0);
}

fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "`{line}` is not in\n{text}");
    }
}

#[test]
fn python_project_is_released_from_what_init_wrote() {
    let (project, text) = written(&[
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
    green(&project, &text);
}

#[test]
fn node_project_is_released_from_what_init_wrote() {
    let (project, text) = written(&[
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
    green(&project, &text);
}

#[test]
fn go_project_is_released_from_what_init_wrote() {
    let (project, text) = written(&[("go.mod", "module acme.example/pump\n\ngo 1.24\n")]);
    has(&text, &["kind = \"tags\"", "ecosystem = \"go\"", "name = \"acme.example/pump\""]);
    green(&project, &text);
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
    project.write();
    expect(&project.run(&["init", "--mirror", "acme/pump=pump.git"]), 0);
    let text = fs::read_to_string(project.path().join("catalog.toml")).unwrap();
    has(
        &text,
        &[
            "lines = [\"release-1.2\"]",
            "kind = \"cargo-workspace\"",
            "after-release = \"{next}-dev\"",
            "ecosystem = \"rust\"",
        ],
    );
    green(&project, &text);
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
