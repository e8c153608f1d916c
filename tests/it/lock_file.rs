//! A fix that conflicts on one line in a lock file alone: the command of the catalog writes it again.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::{World, copy, expect, fixture, lockgate, next_commands, said};

const GAUGE: &str = "brightwater/gauge";

/// What the lock file is made of. The line changes the first part, the fix the last.
const PARTS: [&str; 9] = ["rope", "a", "b", "c", "d", "e", "f", "g", "float"];

fn list(first: &str, last: &str) -> String {
    let mut parts = PARTS;
    (parts[0], parts[8]) = (first, last);
    parts.map(|part| format!("{part}\n")).concat()
}

fn locked(list: &str) -> String {
    list.split_whitespace().collect::<Vec<_>>().join(" ") + "\n"
}

/// Writes the lock file as the shop in the user's home lets it, and refuses to know a token.
const LOCK: &str = "set -eu\n[ -z \"${GH_TOKEN-}${LOCKGATE_SMTP_PASSWORD-}\" ]\n. \"$HOME/shop\"\necho $(cat parts.list) > parts.lock\n";

const LINE: &str = r#"
[[commit]]
branch = "release/1.x"
author = "Ines Falk <ines@brightwater.example>"
date = "2025-04-01T10:00:00Z"
message = "A chain in place of the rope"
files = "06-chain"
"#;

fn fix() -> String {
    let (old, new) = (list("rope", "float"), list("rope", "float-2"));
    format!(
        "From {} Mon Sep 17 00:00:00 2001\nFrom: Mara Lindqvist <mara@brightwater.example>\n\
         Date: Sun, 1 Mar 2026 09:00:00 +0000\nSubject: [PATCH] gauge: a float that does not sink\n\n---\n\
         diff --git a/parts.list b/parts.list\n--- a/parts.list\n+++ b/parts.list\n@@ -7,3 +7,3 @@\n f\n g\n-float\n+float-2\n\
         diff --git a/parts.lock b/parts.lock\n--- a/parts.lock\n+++ b/parts.lock\n@@ -1 +1 @@\n-{}+{}-- \n2.40\n",
        "0".repeat(40),
        locked(&old),
        locked(&new)
    )
}

/// The fixture of the conflict, in which only the lock file conflicts, and the home of the user.
struct Release {
    folder: tempfile::TempDir,
    home: tempfile::TempDir,
    world: World,
}

impl Release {
    fn new() -> Release {
        let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = folder.path();
        copy(&fixture("conflict"), root);
        let start = list("rope", "float");
        let gauge = root.join("world/gauge");
        write(
            &gauge.join("01-start"),
            &[("parts.list", &start), ("parts.lock", &locked(&start)), ("lock.sh", LOCK)],
        );
        let chain = list("chain", "float");
        write(&gauge.join("06-chain"), &[("parts.list", &chain), ("parts.lock", &locked(&chain))]);
        write(&root.join("fixes"), &[("gauge-numbers.patch", &fix())]);
        let history = fs::read_to_string(gauge.join("history.toml")).unwrap() + LINE;
        let catalog = fs::read_to_string(root.join("catalog.toml")).unwrap();
        let rule =
            "[[repo.lock-file]]\nfiles = [\"parts.lock\"]\nrun = [\"sh\", \"lock.sh\"]\n\n[repo.version]";
        let catalog = catalog.replace("[repo.version]", rule);
        write(root, &[("catalog.toml", &catalog), ("world/gauge/history.toml", &history)]);
        Release { folder, home, world: World::new() }
    }

    /// What the command finds in its user's home.
    fn shop(&self, says: &str) {
        fs::write(self.home.path().join("shop"), says).unwrap();
    }

    fn rehearse(&self, more: &[&str]) -> Output {
        let mut command = lockgate();
        command.env("HOME", self.home.path()).env("LOCKGATE_SMTP_PASSWORD", "hush").arg("rehearse");
        command.arg(self.folder.path()).arg("--keep").arg(self.world.path()).args(more).output().unwrap()
    }
}

impl Release {
    /// Confirms whatever is asked until the gate is.
    fn go_to_the_first_gate(&self) {
        let mut output = self.rehearse(&["--ask"]);
        for _ in 0..9 {
            expect(&output, 10);
            let asked = next_commands(&said(&self.on_the_world(&["status"])));
            if asked.iter().any(|command| command.contains("approve ready")) {
                return;
            }
            for command in asked {
                let words: Vec<&str> =
                    command.split_whitespace().skip(1).take_while(|w| *w != "--dir").collect();
                expect(&self.on_the_world(&[&words[..], &["--dir"]].concat()), 0);
            }
            output = self.on_the_world(&["resume"]);
        }
        panic!("the gate was not reached:\n{}", said(&output));
    }

    /// The tool on the kept world.
    fn on_the_world(&self, arguments: &[&str]) -> Output {
        let mut command = lockgate();
        command.env("HOME", self.home.path()).args(arguments).arg(self.world.path()).output().unwrap()
    }
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
}

#[test]
fn lock_file_is_written_anew_by_the_command_and_shown_for_review() {
    let release = Release::new();
    release.shop(":\n");
    release.go_to_the_first_gate();
    let shown = release.on_the_world(&["approve", "ready", "--long", "--dir"]);
    let review = "NEEDS REVIEW: commit";
    let reason = "what the fix says in parts.lock was left out, and `sh lock.sh` regenerated it here";
    assert!(said(&shown).contains(review) && said(&shown).contains(reason), "{}", said(&shown));

    expect(&release.rehearse(&[]), 0);
    let whole = list("chain", "float-2");
    let file = |branch: &str, name: &str| release.world.file(GAUGE, branch, name) + "\n";
    assert_eq!(file("release/1.x", "parts.list"), whole);
    assert_eq!(file("release/1.x", "parts.lock"), locked(&whole));
    // Where nothing conflicts, the fix's own text is taken.
    assert_eq!(file("release/2.x", "parts.lock"), locked(&list("rope", "float-2")));
    // It is part of the backport's own commit.
    let log = release.world.git(GAUGE, &["log", "-1", "--format=%s", "release/1.x", "--", "parts.lock"]);
    assert_eq!(log, "gauge: a float that does not sink");
    let report = release.world.report();
    let targets = report["targets"].as_array().unwrap();
    let line = targets.iter().find(|target| target["branch"] == "release/1.x").unwrap();
    assert!(line["review"].to_string().contains(reason), "{line}");
    let other = targets.iter().find(|target| target["branch"] == "release/2.x").unwrap();
    assert!(!other["review"].to_string().contains("lock.sh"), "{other}");
}

#[test]
fn command_that_fails_or_does_more_than_it_should_is_a_question_and_is_run_again() {
    let release = Release::new();
    let output = release.rehearse(&[]);
    expect(&output, 11);
    let told = said(&output);
    for word in
        ["parts.lock", "`sh lock.sh` failed with exit code", "shop", "lockgate resolve", "to run it again"]
    {
        assert!(told.contains(word), "`{word}` is not said:\n{told}");
    }
    let private = |branch: &str| {
        let fork = "brightwater/gauge-ghsa-3g8f-wv5j-m2cx";
        release
            .world
            .git(fork, &["for-each-ref", "--format=%(refname)", "refs/heads/lockgate"])
            .contains(branch)
    };
    assert!(private("/release/2.x") && !private("/release/1.x"));

    release.shop("echo more >> README.md\n");
    let output = release.rehearse(&[]);
    expect(&output, 11);
    let why = "changed README.md, which the catalog does not call its lock files";
    assert!(said(&output).contains(why), "{}", said(&output));
    assert!(!private("/release/1.x"));

    release.shop(":\n");
    expect(&release.rehearse(&[]), 0);
}
