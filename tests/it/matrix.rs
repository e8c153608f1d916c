//! `lockgate matrix`: from workflow files in a repository to what the user sees.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{expect, git, lockgate, run, said};

const CI: &str = "name: CI
on:
  push: { branches: [main, 'release/**'] }
  pull_request:
jobs:
  gate:
    runs-on: ubuntu-latest
    outputs: { full: '${{ steps.x.outputs.full }}' }
    steps: [{ run: 'true' }]
  test:
    strategy:
      matrix:
        os: [ubuntu-latest, macos-15, windows-2025]
        include: [{ os: ubuntu-latest, flag: 1 }]
    runs-on: ${{ matrix.os }}
    steps: [{ run: 'true' }]
  full:
    needs: gate
    if: needs.gate.outputs.full == 'true'
    uses: ./.github/workflows/suite.yml
    with: { level: 3 }
  publish:
    if: github.ref == 'refs/heads/main' && github.repository == 'acme/pump'
    runs-on: ubuntu-latest
    steps: [{ run: git push origin v1 }]
";

const SUITE: &str = "on: { workflow_call: { inputs: { level: { type: number } } } }
jobs:
  suite: { name: 'Suite ${{ inputs.level }}', runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
";

const NIGHTLY: &str =
    "on: { schedule: [{ cron: '0 0 * * *' }] }\njobs: { night: { runs-on: ubuntu-latest } }\n";

/// A repository with these workflow files on `main`, and a branch on which nothing starts.
pub(crate) fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    let workflows = folder.path().join(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    for (name, text) in files {
        std::fs::write(workflows.join(name), text).unwrap();
    }
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "workflows"]);
    git(folder.path(), &["branch", "old"]);
    git(folder.path(), &["remote", "add", "origin", "https://github.example/acme/pump.git"]);
    folder
}

fn pump() -> tempfile::TempDir {
    repository(&[("ci.yml", CI), ("suite.yml", SUITE), ("nightly.yaml", NIGHTLY)])
}

/// The command's answer for a repository.
pub(crate) fn matrix(folder: &Path, arguments: &[&str]) -> std::process::Output {
    lockgate().arg("matrix").arg("--repo").arg(folder).args(arguments).output().unwrap()
}

fn entries(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = matrix(folder, &[arguments, &["--json"]].concat());
    expect(&output, 0);
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn told(entries: &[Value]) -> Vec<String> {
    let word = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    entries.iter().map(|entry| format!("{}: {}", word(entry, "name"), word(entry, "verdict"))).collect()
}

#[test]
fn entries_are_those_that_github_starts_each_with_one_verdict() {
    let folder = pump();
    let lines = entries(folder.path(), &["--rev", "main"]);
    let here = |os: &str, arch: &str| {
        if (std::env::consts::OS, std::env::consts::ARCH) == (os, arch) { "run-here" } else { "run-on" }
    };
    let (linux, mac, windows) =
        (here("linux", "x86_64"), here("macos", "aarch64"), here("windows", "x86_64"));
    assert_eq!(
        told(&lines),
        [
            format!("gate: {linux}"),
            format!("test (ubuntu-latest): {linux}"),
            format!("test (macos-15): {mac}"),
            format!("test (windows-2025): {windows}"),
            "full / Suite 3: conditional".to_owned(),
            "publish: side-effect".to_owned(),
            "night: not-triggered".to_owned(),
        ]
    );
    assert_eq!(lines[1]["matrix"].to_string(), r#"{"os":"ubuntu-latest","flag":1}"#);
    assert_eq!(lines[1]["runs_on"].to_string(), r#"["ubuntu-latest"]"#);
    assert_eq!(lines[4]["reason"], "needs.gate.outputs.full");
    assert_eq!(lines[5]["reason"], "`git push`");
    for line in &lines {
        for key in ["workflow", "job", "name", "matrix", "runs_on", "verdict", "reason"] {
            assert!(!line[key].is_null(), "{key} is missing in {line}");
        }
    }
}

#[test]
fn the_event_is_chosen_by_the_branch_and_said() {
    let folder = pump();
    let text = |arguments: &[&str]| {
        let output = matrix(folder.path(), arguments);
        expect(&output, 0);
        said(&output)
    };
    let main = text(&["--rev", "main"]);
    assert!(main.contains("acme/pump, main at ") && main.contains("event push"), "{main}");
    assert!(main.contains("entries that start: push 6 (1 conditional), pull_request/opened 5"), "{main}");
    let old = text(&["--rev", "old"]);
    assert!(old.contains("old at ") && old.contains("event pull_request/opened"), "{old}");
    let nightly = text(&["--rev", "main", "--workflow", "nightly.yaml"]);
    assert!(nightly.contains("no CI here: none of these events starts anything for `main`"), "{nightly}");
    let asked = entries(folder.path(), &["--rev", "main", "--event", "pull_request", "--workflow", "ci.yml"]);
    assert_eq!(told(&asked).last().unwrap(), "publish: if-false");
    let all = entries(folder.path(), &["--rev", "main", "--event", "all"]);
    assert_eq!(all.len(), 8, "{:?}", told(&all));
}

#[test]
fn the_plan_fits_a_terminal_and_its_counts_add_up() {
    let folder = pump();
    let text = said(&matrix(folder.path(), &["--rev", "main"]));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("total: 7 entries"), "{text}");
    let counts = text.split("total: 7 entries\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let numbers =
        counts.split([',', '\n']).filter_map(|part| part.split_whitespace().next()?.parse::<usize>().ok());
    assert_eq!(numbers.sum::<usize>(), 7, "{text}");
    assert!(text.contains("side effect:\n     1 `git push`"), "{text}");
}

#[test]
fn nothing_is_written() {
    let folder = pump();
    let footprint = || ["for-each-ref", "status", "count-objects"].map(|what| git(folder.path(), &[what]));
    let before = footprint();
    expect(&matrix(folder.path(), &["--rev", "main"]), 0);
    assert_eq!(before, footprint());
}

#[test]
fn what_cannot_be_used_is_refused_with_its_place_and_a_remedy() {
    let folder =
        repository(&[("ci.yml", CI), ("suite.yml", SUITE), ("broken.yml", "on: push\njobs:\n  a: [\n")]);
    let refused = |arguments: &[&str], what: &[&str]| {
        let output = matrix(folder.path(), arguments);
        expect(&output, 2);
        what.iter().for_each(|what| assert!(said(&output).contains(what), "{}", said(&output)));
    };
    refused(&["--rev", "nowhere"], &["`nowhere` names no commit"]);
    refused(
        &["--rev", "main", "--workflow", "cii.yml"],
        &["no workflow `cii.yml` in `.github/workflows`", "did you mean `ci.yml`"],
    );
    refused(
        &["--rev", "main", "--workflow", "broken.yml"],
        &[".github/workflows/broken.yml:4:1: ", "the workflow cannot be read", "hint: "],
    );
    let lines = entries(folder.path(), &["--rev", "main"]);
    let broken = lines.iter().find(|line| line["verdict"] == "invalid").unwrap();
    assert!(broken["reason"].as_str().unwrap().starts_with(".github/workflows/broken.yml:4:1: "));
    expect(&run(["matrix", "--repo", "/nowhere", "--rev", "main"]), 2);
    refused(&["--rev", "main", "--event", "release"], &["possible values"]);
}

/// The expected entries of real projects, where they are: `LOCKGATE_CORPORA` and mirrors in `LOCKGATE_MIRRORS`, each
/// `OWNER+NAME/repo`.
fn expected() -> Option<(PathBuf, PathBuf)> {
    let corpus = PathBuf::from(std::env::var_os("LOCKGATE_CORPORA")?).join("matrix-dev");
    let mirrors = PathBuf::from(std::env::var_os("LOCKGATE_MIRRORS")?);
    corpus.join("index.jsonl").is_file().then_some((corpus, mirrors))
}

#[test]
fn entries_of_real_projects_are_the_expected_ones() {
    let Some((corpus, mirrors)) = expected() else {
        eprintln!("not run: LOCKGATE_CORPORA and LOCKGATE_MIRRORS do not both name folders");
        return;
    };
    let index = std::fs::read_to_string(corpus.join("index.jsonl")).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    for line in index.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| case[key].as_str().unwrap().to_owned();
        let mirror = mirrors.join(text("repo").replace('/', "+")).join("repo");
        let (rev, event, branch) = (text("rev"), text("event"), text("branch"));
        let arguments =
            ["--rev", &rev, "--event", &event, "--branch", &branch, "--json", "--name", &text("repo")];
        let output = matrix(&mirror, &arguments);
        expect(&output, 0);
        let planned = scratch.path().join("planned.json");
        std::fs::write(&planned, &output.stdout).unwrap();
        let compare = Command::new("python3")
            .arg(corpus.join("compare.py"))
            .arg(corpus.join(text("file")))
            .arg(&planned)
            .output()
            .unwrap();
        expect(&compare, 0);
    }
}
