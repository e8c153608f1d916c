//! `lockgate backport` and `lockgate assess` on small repositories, from the command line to what the user sees.

use std::path::Path;
use std::process::Command as Program;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

/// A clone with a fix on `main` and three lines; the fix does not fit the second.
pub(crate) struct Clone {
    folder: tempfile::TempDir,
}

impl Clone {
    pub(crate) fn new() -> Clone {
        let clone = Clone { folder: tempfile::tempdir().unwrap() };
        clone.git(&["init", "-q", "-b", "main"]);
        clone.commit("start", "one\ntwo\nthree\nfour\nfive\n");
        clone.git(&["tag", "v1.0.0"]);
        for line in ["release/1.x", "release/2.x", "release/3.x"] {
            clone.git(&["branch", line]);
        }
        clone.commit("fix: guard three", "one\ntwo\nguarded three\nfour\nfive\n");
        clone.git(&["switch", "-q", "release/2.x"]);
        clone.commit("its own three", "one\ntwo\nanother three\nfour\nfive\n");
        clone.git(&["switch", "-q", "main"]);
        clone
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Program::new("git")
            .arg("-C")
            .arg(self.path())
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn commit(&self, subject: &str, text: &str) {
        std::fs::write(self.path().join("gate.c"), text).unwrap();
        self.git(&["add", "gate.c"]);
        self.git(&["commit", "-q", "-m", subject]);
    }

    /// Everything that a command could leave behind: references, index, work tree, and objects.
    pub(crate) fn footprint(&self) -> [String; 3] {
        [
            self.git(&["for-each-ref"]),
            self.git(&["status", "--porcelain"]),
            self.git(&["count-objects", "-v"]),
        ]
    }

    pub(crate) fn lockgate(&self, command: &str, arguments: &[&str]) -> assert_cmd::assert::Assert {
        let mut lockgate = Command::cargo_bin("lockgate").unwrap();
        lockgate.env("NO_COLOR", "1").arg(command).arg("--repo").arg(self.path()).args(arguments).assert()
    }

    pub(crate) fn json(&self, command: &str, arguments: &[&str], code: i32) -> Value {
        let assert = self.lockgate(command, arguments).code(code);
        let answer: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
        answer["result"].clone()
    }
}

const LINES: [&str; 6] = ["--onto", "release/1.x", "--onto", "release/2.x", "--onto", "release/3.x"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ["--fix", "main"].iter().chain(&LINES).chain(more).copied().collect()
}

#[test]
fn bp_25_a_conflict_in_the_second_of_three_holds_no_other() {
    let clone = Clone::new();
    let answers = clone.json("backport", &with(&["--write", "backport/", "--json"]), 11);
    let outcomes: Vec<&str> = (0..3).map(|index| answers[index]["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["clean", "conflict", "clean"]);
    for line in ["release/1.x", "release/3.x"] {
        let message = clone.git(&["log", "-1", "--format=%B", &format!("backport/{line}")]);
        assert!(message.contains("(cherry picked from commit"), "{message}");
    }
    let made = clone.git(&["for-each-ref", "--format=%(refname)", "refs/heads/backport/"]);
    assert_eq!(made, "refs/heads/backport/release/1.x\nrefs/heads/backport/release/3.x");
}

#[test]
fn a_conflict_in_a_file_that_is_named_as_noise_is_the_milder_kind_and_still_needs_a_hand() {
    let clone = Clone::new();
    let answers = clone.json("backport", &with(&["--noise", "gate.*", "--json"]), 11);
    assert_eq!(answers[1]["outcome"], "conflict-in-noise");
    assert_eq!(answers[1]["commits"][0]["conflicts"][0]["noise"], "named");
    assert_eq!(answers[1]["tree"], Value::Null);
    clone
        .lockgate("backport", &with(&["--noise", "[gate"]))
        .code(2)
        .stderr(contains("is not a glob of paths"));
}

/// A folder to put first on PATH, with a `mergiraf` of this text.
fn with_mergiraf(text: &str) -> (tempfile::TempDir, std::ffi::OsString) {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::support::on_path(folder.path(), "mergiraf", text);
    (folder, path)
}

#[test]
fn a_proposal_is_shown_and_changes_nothing_of_the_outcome() {
    let clone = Clone::new();
    let lockgate = |path: &std::ffi::OsStr, more: &[&str]| {
        let mut lockgate = Command::cargo_bin("lockgate").unwrap();
        lockgate.env("NO_COLOR", "1").env("PATH", path).arg("backport").arg("--repo").arg(clone.path());
        lockgate.args(with(more)).assert().code(11)
    };
    // The ids of new commits hold the second in which they were made.
    let json = |assert: assert_cmd::assert::Assert| -> Value {
        let mut answer: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
        let mut answers = answer["result"].take();
        for answer in answers.as_array_mut().unwrap() {
            answer["head"] = answer["head"].is_string().into();
            answer["commits"][0]["commit"] = answer["commits"][0]["commit"].is_string().into();
        }
        answers
    };
    let plain = json(lockgate(&std::env::var_os("PATH").unwrap(), &["--noise", "none.c", "--json"]));
    let (_folder, path) =
        with_mergiraf("grep -q another \"$3\" && grep -q guarded \"$4\" && echo both > \"$8\"");
    let before = clone.footprint();
    let mut proposed = json(lockgate(&path, &["--noise", "none.c", "--json"]));
    assert_eq!(proposed[1]["proposals"], serde_json::json!(["gate.c"]));
    proposed[1].as_object_mut().unwrap().remove("proposals");
    assert_eq!(proposed, plain);
    assert_eq!(proposed[1]["outcome"], "conflict");
    lockgate(&path, &[]).stdout(contains("mergiraf proposes a merge of gate.c, for a person to check"));
    assert_eq!(clone.footprint(), before);

    let (_folder, path) = with_mergiraf("echo '<<<<<<< ours' > \"$8\"");
    lockgate(&path, &[]).stdout(contains("mergiraf").not());
}

#[test]
fn what_people_made_of_the_fix_on_one_line_helps_the_others_unless_told_not_to() {
    let clone = Clone::new();
    clone.git(&["switch", "-q", "release/1.x"]);
    clone.commit("its own three, and one", "first\ntwo\nanother three\nfour\nfive\n");
    clone.git(&["switch", "-q", "release/2.x"]);
    let fix = clone.git(&["rev-parse", "main"]);
    let carried = format!("guard three\n\n(cherry picked from commit {fix})");
    clone.commit(&carried, "one\ntwo\nguarded another three\nfour\nfive\n");
    let answers = clone.json("backport", &with(&["--json"]), 0);
    assert_eq!(answers[1]["outcome"], "already-fixed");
    assert_eq!(
        (&answers[0]["outcome"], &answers[0]["needs_review"]),
        (&"clean-unconfirmed".into(), &true.into())
    );
    let help = &answers[0]["commits"][0]["helped_by"][0];
    assert_eq!((&help["helped-by"], &help["line"]), (&"newer-line".into(), &"release/2.x".into()));
    clone
        .lockgate("backport", &with(&[]))
        .code(0)
        .stdout(contains("NEEDS REVIEW").and(contains("what release/2.x made of it")));
    clone.lockgate("backport", &with(&["--alone"])).code(11).stdout(contains("release/1.x: conflict"));
}

#[test]
fn bp_10_a_merge_is_picked_as_the_advice_says() {
    let clone = Clone::new();
    clone.git(&["switch", "-q", "-c", "topic", "main~1"]);
    std::fs::write(clone.path().join("depth.c"), "guarded\n").unwrap();
    clone.git(&["add", "depth.c"]);
    clone.git(&["commit", "-q", "-m", "fix: depth"]);
    clone.git(&["switch", "-q", "main"]);
    clone.git(&["merge", "-q", "--no-ff", "-m", "merge the fix", "topic"]);
    let onto = ["--fix", "main", "--onto", "release/1.x"];
    clone.lockgate("backport", &onto).code(2).stderr(contains("--merges first-parent"));
    let answers = clone.json("backport", &[&onto[..], &["--merges", "first-parent", "--json"]].concat(), 0);
    assert_eq!(
        (&answers[0]["outcome"], &answers[0]["commits"][0]["changed"][0]),
        (&"clean".into(), &"depth.c".into())
    );
}

#[test]
fn bp_15_a_dry_run_leaves_nothing_behind() {
    let clone = Clone::new();
    let before = clone.footprint();
    clone.lockgate("backport", &with(&[])).code(11).stdout(contains("release/2.x: conflict"));
    clone.lockgate("assess", &["--fix", "main", "--branches", "release/*"]).code(0);
    assert_eq!(clone.footprint(), before);
}

#[test]
fn bp_22_a_branch_with_the_same_work_is_adopted_and_another_is_not_overwritten() {
    let clone = Clone::new();
    let onto = ["--fix", "main", "--onto", "release/1.x", "--onto", "release/3.x", "--write", "backport/"];
    let by = |who: &str| {
        let mut lockgate = Command::cargo_bin("lockgate").unwrap();
        lockgate.env("GIT_COMMITTER_NAME", who).args(["backport", "--json", "--repo"]).arg(clone.path());
        lockgate.args(onto).assert()
    };
    by("Ada").code(0);
    let made = clone.footprint();
    // Somebody else does the same later: the commits would have other ids.
    let again = by("Ines").code(0);
    assert_eq!(clone.footprint(), made);
    let answer: Value = serde_json::from_slice(&again.get_output().stdout).unwrap();
    let answers = &answer["result"];
    assert_eq!(answers[0]["head"], clone.git(&["rev-parse", "backport/release/1.x"]));
    assert_eq!(answers[0]["written"], "backport/release/1.x");

    clone.git(&["branch", "-f", "backport/release/1.x", "release/2.x"]);
    clone.git(&["branch", "-D", "-q", "backport/release/3.x"]);
    let there = clone.git(&["rev-parse", "backport/release/1.x"]);
    let refused = by("Ada").code(11);
    let answer: Value = serde_json::from_slice(&refused.get_output().stdout).unwrap();
    assert!(answer["error"]["message"].as_str().unwrap().contains("backport/release/1.x"), "{answer}");
    assert!(answer["error"]["hint"].as_str().unwrap().contains("delete or rename"), "{answer}");
    assert_eq!(answer["result"][1]["written"], "backport/release/3.x");
    assert_eq!(clone.git(&["rev-parse", "backport/release/1.x"]), there);
    clone.git(&["rev-parse", "--verify", "backport/release/3.x"]);
}

#[test]
fn bp_26_an_unknown_branch_is_reported_in_its_place() {
    let clone = Clone::new();
    let onto = ["--fix", "main", "--onto", "release/1.x", "--onto", "release/9.x", "--json"];
    let answers = clone.json("backport", &onto, 2);
    assert_eq!(answers[0]["outcome"], "clean");
    assert_eq!(answers[1]["outcome"], "error");
    assert!(answers[1]["error"].as_str().unwrap().contains("`release/9.x` names no commit"));
    assert!(answers[1]["hint"].as_str().unwrap().contains("fetch it first"));
}

#[test]
fn bp_27_a_branch_named_twice_is_picked_once_and_the_source_has_nothing_to_do() {
    let clone = Clone::new();
    let onto =
        ["--fix", "main", "--onto", "release/1.x", "--onto", "release/1.x", "--onto", "main", "--json"];
    let answers = clone.json("backport", &onto, 0);
    assert_eq!(answers.as_array().unwrap().len(), 2);
    assert_eq!(answers[1]["outcome"], "already-fixed");
    assert_eq!(answers[1]["head"], answers[1]["base"]);
}

#[test]
fn bp_28_a_branch_that_looks_like_an_option_is_refused() {
    let clone = Clone::new();
    let trap = "--upload-pack=touch stolen";
    clone
        .lockgate("backport", &["--fix", "main", "--onto", trap])
        .code(2)
        .stdout(contains("looks like an option").and(contains("hint: ")));
    clone
        .lockgate("assess", &["--fix", "main", "--branches", trap])
        .code(2)
        .stderr(contains("looks like an option").and(contains("hint: ")));
    assert!(!clone.path().join("stolen").exists());
}

#[test]
fn bp_41_a_corrupt_clone_is_named_with_the_remedy() {
    let clone = Clone::new();
    std::fs::write(clone.path().join(".git/HEAD"), "").unwrap();
    std::fs::remove_dir_all(clone.path().join(".git/objects")).unwrap();
    clone.lockgate("backport", &with(&[])).code(2).stderr(contains("hint: "));
}

#[test]
fn bp_42_a_foreign_locale_changes_nothing() {
    let clone = Clone::new();
    let answer = |locale: &str| {
        let mut lockgate = Command::cargo_bin("lockgate").unwrap();
        lockgate
            .envs([("LC_ALL", locale), ("LANGUAGE", "de"), ("LANG", locale)])
            .args(["backport", "--repo"]);
        lockgate.arg(clone.path()).args(with(&[])).assert().code(11).get_output().stdout.clone()
    };
    assert_eq!(answer("de_DE.UTF-8"), answer("C"));
}

#[test]
fn bp_44_the_conflict_names_who_touched_the_lines() {
    let clone = Clone::new();
    clone
        .lockgate("backport", &["--fix", "main", "--onto", "release/2.x"])
        .code(11)
        .stdout(contains("last touched on the branch by").and(contains("\"its own three\" by Ada")));
}

#[test]
fn bp_45_hooks_of_the_clone_do_not_run() {
    let clone = Clone::new();
    let hooks = clone.path().join(".git/hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    for hook in ["post-commit", "reference-transaction", "pre-commit"] {
        let path = hooks.join(hook);
        std::fs::write(&path, format!("#!/bin/sh\ntouch '{}'\n", clone.path().join("ran").display()))
            .unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    clone.lockgate("backport", &["--fix", "main", "--onto", "release/1.x", "--write", "b/"]).code(0);
    assert!(!clone.path().join("ran").exists());
}

#[test]
fn bad_lines_of_a_batch_are_reported_in_their_place() {
    let clone = Clone::new();
    let (fix, line) = (clone.git(&["rev-parse", "main"]), clone.git(&["rev-parse", "release/1.x"]));
    let good = format!("{{\"fix\":\"{fix}\",\"bp_parent\":\"{line}\"}}");
    let absent = good.replace(&line, &"1".repeat(40));
    let folder = tempfile::tempdir().unwrap();
    let batch = folder.path().join("cases.jsonl");
    std::fs::write(&batch, format!("{good}\nnot json\n\n{absent}\n{good}\n")).unwrap();
    let assert = clone.lockgate("backport", &["--batch", batch.to_str().unwrap()]).code(0);
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    let answers: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let outcomes: Vec<&str> = answers.iter().map(|answer| answer["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["clean", "error", "error", "clean"]);
    assert_eq!((answers[1]["line"].as_u64(), answers[2]["line"].as_u64()), (Some(2), Some(4)));
}

#[test]
fn assess_tells_branches_and_released_versions_with_evidence() {
    let clone = Clone::new();
    let fix = ["--fix", "main", "--branches", "release/*", "main", "--json"];
    let answers = clone.json("assess", &fix, 0);
    let verdicts: Vec<(&str, &str)> = answers
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| (answer["branch"].as_str().unwrap(), answer["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(verdicts[0], ("main", "already-fixed"));
    assert_eq!(verdicts[1], ("release/1.x", "affected"));
    assert!(matches!(verdicts[2], ("release/2.x", "likely" | "possibly")), "{verdicts:?}");
    let tags: Vec<&Value> =
        answers.as_array().unwrap().iter().flat_map(|answer| answer["tags"].as_array().unwrap()).collect();
    assert_eq!(tags.len(), 1);
    assert_eq!((tags[0]["tag"].as_str(), tags[0]["verdict"].as_str()), (Some("v1.0.0"), Some("affected")));
}

#[test]
fn assess_refuses_what_it_cannot_read() {
    let clone = Clone::new();
    clone
        .lockgate("assess", &["--fix", "main", "--branches", "relase/*"])
        .code(2)
        .stderr(contains("no branch is covered by `relase/*`").and(contains("hint: ")));
    clone
        .lockgate("assess", &["--fix", "nowhere", "--branches", "main"])
        .code(2)
        .stderr(contains("names no commit").and(contains("hint: ")));
}
