//! A rehearsal that stops where a real run stops, and a look at everything public while the embargo holds.

use std::path::Path;
use std::process::Command;

use crate::support::{SLUICE, WEIR, World, expect, fixture, lockgate, next_commands, run, said};

/// What must not be seen before the release-day gate: ids, names, and lines of the fixes.
const CANARIES: [&str; 7] = [
    "4wx7-c2fg-q8rm",
    "7mh3-v9jc-2pxr",
    "CVE-2026-90411",
    "CVE-2026-90412",
    "weir-private",
    "quill",
    "nested too deep",
];

/// Answers whatever is asked, until the run waits for the gate of this name.
pub(crate) fn go_to_gate(world: &World, gate: &str) {
    go_to_gate_of(world, &fixture("demo"), gate);
}

/// The same of another release.
pub(crate) fn go_to_gate_of(world: &World, release: &Path, gate: &str) {
    let output =
        lockgate().arg("rehearse").arg(release).args(["--ask", "--keep"]).arg(world.path()).output().unwrap();
    on_to_gate(world, output, gate);
}

/// Answers everything from here up to this gate.
fn on_to_gate(world: &World, mut output: std::process::Output, gate: &str) {
    for _ in 0..12 {
        expect(&output, 10);
        let status = said(&run(["status".as_ref(), world.path().as_os_str()]));
        let commands = next_commands(&status);
        assert!(!commands.is_empty(), "nothing is asked:\n{status}");
        if commands.iter().any(|command| command.contains(&format!("approve {gate} "))) {
            return;
        }
        for command in commands {
            answer(world, &command);
        }
        output = run(["resume".as_ref(), world.path().as_os_str()]);
    }
    panic!("the gate {gate} was not reached:\n{}", said(&output));
}

pub(crate) fn answer(world: &World, command: &str) {
    let mut words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let path = world.path();
    if !words.contains(&"--dir") {
        words.extend(["--dir", path.to_str().unwrap()]);
    }
    expect(&run(words), 0);
}

/// A kept rehearsal is a folder like any other: what its forks borrow lies within it.
#[test]
fn a_kept_rehearsal_that_was_moved_goes_on_where_it_is() {
    let (folder, made, moved) = (tempfile::tempdir().unwrap(), World::new(), World::new());
    crate::support::without_the_conflict(folder.path());
    let keep = ["--ask", "--keep"];
    let output = lockgate().arg("rehearse").arg(folder.path()).args(keep).arg(made.path()).output().unwrap();
    std::fs::rename(made.path(), moved.path()).unwrap();
    on_to_gate(&moved, output, "release-day");
    assert!(!made.path().exists());
}

#[test]
fn nothing_of_the_fixes_is_public_before_the_release_day_gate() {
    let world = World::new();
    go_to_gate(&world, "release-day");

    for repo in [SLUICE, WEIR] {
        let refs = world.git(repo, &["for-each-ref", "--format=%(refname)"]);
        let mut public = refs.clone();
        // Every object that a stranger could fetch, in full.
        let objects = world.git(repo, &["rev-list", "--objects", "--all"]);
        for line in objects.lines() {
            let id = line.split(' ').next().unwrap();
            let shown = Command::new("git")
                .arg("--git-dir")
                .arg(world.repository(repo))
                .args(["cat-file", "-p", id])
                .output()
                .unwrap();
            public.push_str(&String::from_utf8_lossy(&shown.stdout));
        }
        for canary in CANARIES {
            assert!(!public.contains(canary), "`{canary}` can be seen in {repo}\n{refs}");
        }
    }
    for (name, mail) in world.mails() {
        for canary in CANARIES {
            assert!(!mail.contains(canary), "`{canary}` stands in the mail {name}:\n{mail}");
        }
    }
    for (method, path, _) in world.requests() {
        let public = path.contains("/repos/brightwater/sluice/") || path.contains("/repos/brightwater/weir/");
        let writes = method != "GET" && !path.contains("/security-advisories/");
        assert!(!(public && writes), "{method} {path} before the gate");
    }
    assert_eq!(world.mails().len(), 1, "only the advance mail is out");
}

#[test]
fn en_12_approver_must_be_one_and_approves_what_is_shown() {
    let world = World::new();
    go_to_gate(&world, "ready");
    let path = world.path();
    let out = path.to_str().unwrap();

    // Not among the release's approvers.
    expect(&run(["approve", "ready", "--as", "tomas", "--dir", out]), 2);
    // EN-10: the later gate is not asked yet.
    let early = run(["approve", "release-day", "--as", "mara", "--dir", out]);
    assert_ne!(early.status.code(), Some(0), "{}", said(&early));
    // A digest that is not shown.
    expect(&run(["approve", "ready", "--as", "mara", "--digest", "0123456789", "--dir", out]), 2);

    // GitHub's logins are the same in any case: this is `mara`, and it counts.
    let approved = run(["approve", "ready", "--as", "Mara", "--dir", out]);
    expect(&approved, 0);
    assert_eq!(said(&approved).matches("gate ready of ").count(), 1, "{}", said(&approved));
    let again = run(["approve", "ready", "--as", "mara", "--dir", out]);
    expect(&again, 2);
    let resumed = said(&run(["resume", out]));
    assert!(resumed.contains("gate/ready: approved by mara at digest"), "{resumed}");
    assert!(!resumed.contains("lapsed"), "{resumed}");
}

/// Refused at once, with an answer that helps.
fn is_refused(arguments: &[&str], code: i32, told: &str, instead: &str) {
    let output = run(arguments);
    expect(&output, code);
    let answer = said(&output);
    assert!(answer.contains(told) && answer.contains("hint: ") && answer.contains(instead), "{answer}");
}

#[test]
fn what_would_have_no_effect_is_refused_with_what_to_do_instead() {
    let world = World::new();
    go_to_gate(&world, "ready");
    let path = world.path();
    let out = path.to_str().unwrap();
    let line = format!("{SLUICE}/release/1.x");
    let waive = |step: &str, told: &str, instead: &str| {
        is_refused(&["waive", step, "--as", "mara", "--reason", "why", "--dir", out], 2, told, instead);
    };
    waive("gate/ready", "`gate/ready` cannot be waived", "lockgate approve ready");
    waive("gate/release-day", "cannot be waived", "lockgate resume");
    for kind in ["await-release", "trigger-release"] {
        waive(&format!("{kind}/{line}"), "cannot be waived", "lockgate resume");
    }
    waive(&format!("stack/{line}"), "cannot be waived: it is done", "lockgate status");
    waive("advance-mail", "cannot be waived: the release has not reached it yet", "lockgate resume");
    let confirm = ["confirm", "advance-mail", "--as", "mara", "--dir", out];
    is_refused(&confirm, 2, "`advance-mail` cannot be confirmed: the release has not", "lockgate resume");
    let resolve = ["resolve", &format!("stack/{line}"), "--dir", out];
    is_refused(&resolve, 2, "cannot be resolved", "lockgate status");

    // Whoever gives the name of a question, or other letters, is told which step they mean.
    waive("reproduced", "has no step `reproduced`", "did you mean `confirm/reproduced/");
    waive("gate/Ready", "has no step `gate/Ready`", "did you mean `gate/ready`?");

    expect(&run(["abort", out, "--as", "mara", "--reason", "the fix is wrong", "--yes"]), 0);
    let approve = ["approve", "ready", "--as", "mara", "--dir", out];
    is_refused(&approve, 11, "the release was called off: the fix is wrong", "lockgate abort");
    // Who called it off first is on record; whoever asks later is told.
    let again = run(["abort", out, "--as", "ines", "--reason", "another", "--yes"]);
    assert!(said(&again).contains("was called off: the fix is wrong"), "{}", said(&again));
}

#[test]
fn several_confirmations_are_given_at_once_or_none_of_them() {
    let world = World::new();
    let path = world.path();
    let (demo, out) = (fixture("demo"), path.to_str().unwrap());
    expect(&run(["rehearse", demo.to_str().unwrap(), "--ask", "--keep", out]), 10);
    let asked = ["acknowledge/GHSA-4wx7-c2fg-q8rm", "confirm/reproduced/GHSA-7mh3-v9jc-2pxr"];
    let status = || said(&run(["status", out]));
    let [first, second] = asked;
    let refused = run(["confirm", first, second, "nothing-of-the-kind", "--as", "mara", "--dir", out]);
    expect(&refused, 2);
    // Both are still asked, and one command is printed for them.
    assert!(status().contains(&format!("lockgate confirm {first} {second} --as mara")), "{}", status());
    let confirmed = run(["confirm", first, second, "--as", "mara", "--dir", out]);
    expect(&confirmed, 0);
    let told = said(&confirmed);
    assert!(asked.iter().all(|step| told.contains(&format!("mara confirmed {step}"))), "{told}");
    // What the workflow asks later is confirmed now, by the command that is printed; then nothing is asked before the gate.
    let mut lines = told.lines().skip_while(|line| !line.contains("to be confirmed now if it is so"));
    answer(&world, lines.nth(1).expect("it is said").trim());
    expect(&run(["resume", "--dir", out]), 10);
    let commands = next_commands(&status());
    assert!(commands.iter().any(|command| command.contains("approve ready ")), "{}", status());
    assert!(!commands.iter().any(|command| command.contains("lockgate confirm ")), "{}", status());
}
