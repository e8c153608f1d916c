//! `lockgate backport` and `lockgate assess` against clumsy users and damaged repositories: what happened is said, with
//! what to do about it, and nothing is left behind.

use std::fs;
use std::path::PathBuf;
use std::process::{Command as Program, Stdio};
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};

use crate::backport::Clone;

const ONTO: [&str; 4] = ["--fix", "main", "--onto", "release/1.x"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ONTO.iter().chain(more).copied().collect()
}

#[test]
fn a_prefix_that_makes_no_branch_is_refused_before_anything_is_picked() {
    let clone = Clone::new();
    let before = clone.footprint();
    for (prefix, told, remedy) in [
        ("--write=-x", "`-xrelease/1.x` is not a branch name", "backport/"),
        ("--write=a b/", "is not a branch name", "backport/"),
        ("--write=../", "is not a branch name", "backport/"),
        ("--write=refs/heads/mine/", "begins with `refs/`", "--write mine/"),
    ] {
        let assert = clone.lockgate("backport", &with(&[prefix])).code(2);
        assert.stdout("").stderr(contains(told).and(contains("hint: ")).and(contains(remedy)));
    }
    clone
        .lockgate("backport", &["--fix", "main", "--onto", "release/1.x~0", "--write", "b/"])
        .code(2)
        .stderr(contains("`b/release/1.x~0` is not a branch name"));
    assert_eq!(clone.footprint(), before);
}

#[test]
fn a_branch_that_leaves_no_room_is_named_and_nothing_is_kept() {
    let clone = Clone::new();
    clone.git(&["branch", "b"]);
    clone.git(&["branch", "c/release/1.x/deeper"]);
    let before = clone.footprint();
    for (prefix, other) in [("b/", "`b`"), ("c/", "`c/release/1.x/deeper`"), ("", "`release/1.x`")] {
        clone
            .lockgate("backport", &with(&["--write", prefix]))
            .code(11)
            .stderr(contains(other).and(contains("hint: delete or rename that branch")));
    }
    assert_eq!(clone.footprint(), before);
}

/// A file of a batch with these bytes, and the answers.
fn batch(clone: &Clone, bytes: &[u8]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.jsonl");
    fs::write(&file, bytes).unwrap();
    let assert = clone.lockgate("backport", &["--batch", file.to_str().unwrap()]).code(0).stderr("");
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn lines_of_a_batch_are_told_by_line_and_column_with_the_remedy() {
    let clone = Clone::new();
    let (fix, line) = (clone.git(&["rev-parse", "main"]), clone.git(&["rev-parse", "release/1.x"]));
    let good = json!({"fix": fix, "bp_parent": line}).to_string();
    let mut bytes = format!("\u{feff}{good}\r\n").into_bytes();
    bytes.extend(b"\xff\xfe\0\x01 binary\n[]\n\n");
    bytes.extend(format!("{{\"fix\":\"main\",\"bp_parent\":\"{line}\"}}\n").into_bytes());
    bytes.extend(format!("{{\"fix\":\"{}\"}}\n", "a".repeat(900_000)).into_bytes());
    bytes.extend(vec![b'{'; 3_000_000]);
    bytes.extend(format!("\n{good}\r\n\r\n  \t\n{good}").into_bytes());
    let answers = batch(&clone, &bytes);
    let told: Vec<(Value, Value)> =
        answers.iter().map(|answer| (answer["outcome"].clone(), answer["line"].clone())).collect();
    let error = |line: usize| (json!("error"), json!(line));
    let clean = (json!("clean"), Value::Null);
    assert_eq!(told[1..], [error(2), error(3), error(5), error(6), error(7), clean.clone(), clean]);
    assert_eq!(answers[3]["column"], 13);
    assert!(answers[3]["error"].as_str().unwrap().contains("`main` is not a full commit id"));
    assert!(
        !answers[3]["error"].as_str().unwrap().contains("at line"),
        "the number would be of another line"
    );
    for bad in &answers[1..6] {
        assert!(bad["hint"].as_str().unwrap().contains("a JSON object with `fix`"), "{bad}");
        assert!(bad["error"].as_str().unwrap().len() < 1000, "a long line is not repeated");
    }
    assert!(batch(&clone, b"").is_empty());
}

#[test]
fn a_batch_that_is_no_file_is_bad_input() {
    let clone = Clone::new();
    for path in ["/nowhere/cases.jsonl", clone.path().to_str().unwrap()] {
        clone
            .lockgate("backport", &["--batch", path])
            .code(2)
            .stdout("")
            .stderr(contains(path).and(contains("hint: give a file")));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_does_not_fit_where_it_goes_is_no_success() {
    let clone = Clone::new();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut program = Program::new(env!("CARGO_BIN_EXE_lockgate"));
    let output =
        program.args(["backport", "--repo"]).arg(clone.path()).args(ONTO).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(20));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written to its end"));
}

#[test]
fn work_tree_index_and_stray_variables_play_no_part() {
    let clone = Clone::new();
    let other = tempfile::tempdir().unwrap();
    let init = Program::new("git").args(["init", "-q", "--bare"]).arg(other.path()).status().unwrap();
    assert!(init.success());
    fs::write(clone.path().join("gate.c"), "half finished\n").unwrap();
    fs::write(clone.path().join("untracked"), "mine\n").unwrap();
    clone.git(&["add", "gate.c"]);
    fs::write(clone.path().join("gate.c"), "half finished, and more\n").unwrap();
    let index = fs::read(clone.path().join(".git/index")).unwrap();
    let mut lockgate = Command::cargo_bin("lockgate").unwrap();
    let stray =
        [("GIT_DIR", ""), ("GIT_WORK_TREE", "w"), ("GIT_INDEX_FILE", "i"), ("GIT_OBJECT_DIRECTORY", "o")];
    for (name, below) in stray {
        lockgate.env(name, other.path().join(below));
    }
    lockgate.args(["backport", "--repo"]).arg(clone.path()).args(with(&["--write", "b/"])).assert().code(0);
    assert_eq!(fs::read(clone.path().join(".git/index")).unwrap(), index);
    assert_eq!(clone.git(&["status", "--porcelain"]), "MM gate.c\n?? untracked");
    assert_eq!(clone.git(&["rev-parse", "b/release/1.x^"]), clone.git(&["rev-parse", "release/1.x"]));
    let refs = Program::new("git").arg("--git-dir").arg(other.path()).arg("for-each-ref").output().unwrap();
    assert!(refs.stdout.is_empty());
}

fn pack(clone: &Clone) -> PathBuf {
    clone.git(&["gc", "-q"]);
    let packs = fs::read_dir(clone.path().join(".git/objects/pack")).unwrap();
    packs
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "pack"))
        .unwrap()
}

/// Flips bits all over the pack; whatever is hit, nothing is passed off and the remedy is told.
#[test]
fn bp_41_a_damaged_pack_is_told_with_the_remedy() {
    let clone = Clone::new();
    let assess = ["--fix", "main", "--branches", "release/*"];
    let whole = [
        clone.lockgate("backport", &ONTO).code(0).get_output().stdout.clone(),
        clone.lockgate("assess", &assess).code(0).get_output().stdout.clone(),
    ];
    let path = pack(&clone);
    let good = fs::read(&path).unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    #[allow(
        clippy::permissions_set_readonly_false,
        reason = "git makes packs read-only; this one is spoilt"
    )]
    permissions.set_readonly(false);
    fs::set_permissions(&path, permissions).unwrap();
    let mut refused = 0;
    for at in (12..good.len() - 20).step_by(23) {
        let mut spoilt = good.clone();
        spoilt[at] ^= 0x24;
        fs::write(&path, spoilt).unwrap();
        for (command, arguments, whole) in [("backport", &ONTO, &whole[0]), ("assess", &assess, &whole[1])] {
            let assert = clone.lockgate(command, arguments);
            let output = assert.get_output();
            let told = format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            if output.status.code() == Some(0) {
                // What was hit was not needed.
                assert_eq!(output.stdout, *whole, "{told}");
                continue;
            }
            refused += 1;
            assert_eq!(output.status.code(), Some(2), "{told}");
            assert!(told.contains("hint: ") && told.contains("git fsck"), "at {at}: {told}");
        }
    }
    assert!(refused > 10, "only {refused} were noticed");
}

#[test]
fn bp_41_a_branch_whose_commit_is_lost_holds_no_other_and_is_never_left_out() {
    let clone = Clone::new();
    let lost = clone.git(&["rev-parse", "release/2.x"]);
    fs::remove_file(clone.path().join(".git/objects").join(&lost[..2]).join(&lost[2..])).unwrap();
    let onto = ["--fix", "main", "--onto", "release/1.x", "--onto", "release/2.x", "--json"];
    let answers = clone.json("backport", &onto, 2);
    assert_eq!(
        (answers[0]["outcome"].as_str(), answers[1]["outcome"].as_str()),
        (Some("clean"), Some("error"))
    );
    assert!(answers[1]["error"].as_str().unwrap().contains(&lost), "{answers}");
    clone
        .lockgate("assess", &["--fix", "main", "--branches", "release/*"])
        .code(2)
        .stdout("")
        .stderr(contains(&lost).and(contains("git fsck")));
}

#[test]
fn an_empty_repository_and_a_directory_below_one_get_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Program::new("git").args(["init", "-q"]).arg(folder.path()).status().unwrap().success());
    fs::create_dir(folder.path().join("below")).unwrap();
    for (path, told, remedy) in [
        (folder.path().to_owned(), "`main` names no commit", "fetch it first"),
        (folder.path().join("below"), "cannot be opened", "its top directory"),
        (PathBuf::from("/dev/null"), "cannot be opened", "its top directory"),
    ] {
        for rest in [&ONTO[..], &["--fix", "main", "--branches", "*"]] {
            let command = if rest == ONTO { "backport" } else { "assess" };
            let mut lockgate = Command::cargo_bin("lockgate").unwrap();
            lockgate.args([command, "--repo"]).arg(&path).args(rest);
            lockgate.assert().code(2).stdout("").stderr(contains(told).and(contains(remedy)));
        }
    }
}

#[test]
fn a_branch_with_a_name_in_another_encoding_is_not_overlooked() {
    use std::os::unix::ffi::OsStrExt as _;
    let clone = Clone::new();
    clone.git(&["pack-refs", "--all"]);
    let packed = clone.path().join(".git/packed-refs");
    let mut refs = fs::read(&packed).unwrap();
    refs.extend(format!("{} ", clone.git(&["rev-parse", "release/1.x"])).as_bytes());
    refs.extend(b"refs/heads/s\xfcd\n");
    fs::write(&packed, refs).unwrap();
    clone
        .lockgate("assess", &["--fix", "main", "--branches", "s*"])
        .code(0)
        .stdout(contains("s\u{fffd}d at ").and(contains(": affected")));
    let mut lockgate = Command::cargo_bin("lockgate").unwrap();
    lockgate.args(["backport", "--fix", "main", "--onto"]).arg(std::ffi::OsStr::from_bytes(b"s\xfcd"));
    lockgate.arg("--repo").arg(clone.path()).assert().code(2).stderr(contains("UTF-8"));
}

#[test]
fn a_lock_that_a_killed_git_left_is_named() {
    let clone = Clone::new();
    let lock = clone.path().join(".git/refs/heads/b/release/1.x.lock");
    fs::create_dir_all(lock.parent().unwrap()).unwrap();
    fs::write(&lock, "").unwrap();
    clone
        .lockgate("backport", &with(&["--write", "b/"]))
        .code(20)
        .stderr(contains("1.x.lock").and(contains("hint: another git is at work there")));
    fs::remove_file(&lock).unwrap();
    clone.lockgate("backport", &with(&["--write", "b/"])).code(0);
}

#[test]
fn a_kill_in_the_middle_of_writing_leaves_a_whole_repository() {
    let clone = Clone::new();
    let onto = ["--fix", "main", "--onto", "release/1.x", "--onto", "release/3.x", "--write"];
    for round in 0..16 {
        let prefix = format!("round-{round}/");
        let mut program = Program::new(env!("CARGO_BIN_EXE_lockgate"));
        program.args(["backport", "--repo"]).arg(clone.path()).args(onto).arg(&prefix);
        let mut child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(round * 3));
        child.kill().unwrap();
        child.wait().unwrap();
        let fsck = clone.git(&["fsck", "--no-dangling", "--connectivity-only"]);
        assert_eq!(fsck, "", "after a kill in round {round}");
        // What git's own kill would leave: the lock of one reference, which the message names.
        for line in ["1.x", "3.x"] {
            let _ =
                fs::remove_file(clone.path().join(format!(".git/refs/heads/{prefix}release/{line}.lock")));
        }
        clone.lockgate("backport", &[&onto[..], &[&prefix]].concat()).code(0);
    }
    let trees = clone.git(&["for-each-ref", "--format=%(tree)", "refs/heads/round-*/release/*"]);
    let first = trees.lines().next().unwrap();
    assert_eq!(trees.lines().filter(|tree| *tree == first).count(), 32);
}

#[test]
fn a_repository_that_is_packed_meanwhile_is_written_to_all_the_same() {
    let clone = Clone::new();
    std::thread::scope(|scope| {
        let packing = scope.spawn(|| {
            for _ in 0..6 {
                clone.git(&["repack", "-adfq"]);
                clone.git(&["pack-refs", "--all"]);
            }
        });
        for round in 0..12 {
            clone.lockgate("backport", &with(&["--write", &format!("round-{round}/")])).code(0);
        }
        packing.join().unwrap();
    });
    assert_eq!(clone.git(&["fsck", "--no-dangling", "--connectivity-only"]), "");
    assert_eq!(clone.git(&["for-each-ref", "refs/heads/round-*/release/*"]).lines().count(), 12);
}
