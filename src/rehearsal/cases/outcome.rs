//! What must be the same however a release came about.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a rehearsal left, each with its state.
pub(super) type Outcome = BTreeMap<String, String>;

/// The world that a rehearsal left: trees of branches and tags, how much of everything there is, and what cannot be
/// taken back, with how often it was asked for and done.
pub(super) fn outcome(out: &Path) -> Outcome {
    let mut outcome = Outcome::new();
    for repo in repositories(&out.join("git")) {
        let name = repo.strip_prefix(out).unwrap().display().to_string();
        for line in
            git(&repo, &["for-each-ref", "--format=%(refname) %(tree)%(*tree)", "refs/heads", "refs/tags"])
                .lines()
        {
            let (reference, tree) = line.split_once(' ').unwrap();
            outcome.insert(format!("{name} {reference}"), tree.to_owned());
        }
        let pulls = git(&repo, &["for-each-ref", "--format=%(refname)", "refs/pull"]);
        outcome.insert(format!("{name} pull requests"), pulls.lines().count().to_string());
    }
    for (file, text) in mails(out) {
        let subject = text.lines().find(|line| line.starts_with("Subject:")).unwrap_or_default();
        outcome.insert(format!("mail {file}"), subject.to_owned());
    }
    let report: Value = serde_json::from_slice(&fs::read(out.join("report.json")).unwrap()).unwrap();
    for advisory in report["advisories"].as_array().unwrap() {
        outcome.insert(
            format!("advisory {}", advisory["id"]),
            format!("{} {}", advisory["state"], advisory["cve"]),
        );
    }
    for target in report["targets"].as_array().unwrap() {
        let name = format!("target {} {}", target["repo"], target["branch"]);
        outcome.insert(
            name,
            format!("{} {} {} {}", target["tree"], target["tag"], target["assets"], target["registry"]),
        );
    }
    outcome.extend(irreversible(out));
    outcome
}

/// What was accepted that is there twice if it is asked for twice.
const ONCE: [(&str, &str); 7] = [
    ("POST", "/dispatches"),
    ("PUT", "/merge"),
    ("POST", "/pulls"),
    ("POST", "/cve"),
    ("POST", "/forks"),
    ("POST", "/releases"),
    ("POST", "/comments"),
];

fn irreversible(out: &Path) -> Outcome {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for (method, path, status) in requests(out) {
        let counts_once = ONCE.iter().any(|(verb, end)| *verb == method && path.ends_with(end));
        if counts_once && (200..300).contains(&status) {
            *counts.entry(format!("accepted {method} {path}")).or_default() += 1;
        }
    }
    counts.into_iter().map(|(request, count)| (request, count.to_string())).collect()
}

/// The requests to the API that were answered: method, path, status.
pub(super) fn requests(out: &Path) -> Vec<(String, String, u64)> {
    let text = fs::read_to_string(out.join("requests.jsonl")).unwrap();
    let request = |line: &str| {
        let request: Value = serde_json::from_str(line).ok()?;
        let word = |key: &str| request[key].as_str().map(ToOwned::to_owned);
        Some((word("method")?, word("path")?, request["status"].as_u64()?))
    };
    text.lines().filter_map(request).collect()
}

pub(super) fn mails(out: &Path) -> BTreeMap<String, String> {
    let mails = fs::read_dir(out.join("mail")).into_iter().flatten().flatten();
    mails
        .map(|mail| {
            (mail.file_name().to_string_lossy().into_owned(), fs::read_to_string(mail.path()).unwrap())
        })
        .collect()
}

/// The bare repositories below a folder.
pub(super) fn repositories(folder: &Path) -> Vec<PathBuf> {
    let owners = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = owners
        .flat_map(|owner| fs::read_dir(owner.path()).into_iter().flatten().flatten())
        .map(|repo| repo.path())
        .filter(|path| path.join("HEAD").is_file())
        .collect();
    found.sort();
    found
}

pub(super) fn git(repo: &Path, arguments: &[&str]) -> String {
    String::from_utf8_lossy(&git_bytes(repo, arguments)).trim_end().to_owned()
}

pub(super) fn git_bytes(repo: &Path, arguments: &[&str]) -> Vec<u8> {
    let output =
        Command::new("git").arg("--git-dir").arg(repo).args(arguments).env("LC_ALL", "C").output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What is in one and not in the other.
pub(super) fn difference(expected: &Outcome, found: &Outcome) -> String {
    let keys: std::collections::BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    // The log of a world under faults says what the caller got: fewer were told that they were accepted, never more.
    let count =
        |counts: &Outcome, key: &str| counts.get(key).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let differs = |key: &&String| {
        if key.starts_with("accepted ") {
            count(found, key) > count(expected, key)
        } else {
            expected.get(*key) != found.get(*key)
        }
    };
    let differing = keys.into_iter().filter(differs);
    differing.map(|key| format!("{key}: {:?} became {:?}\n", expected.get(key), found.get(key))).collect()
}
