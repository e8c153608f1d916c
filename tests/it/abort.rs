//! A release that is called off: it is shown first what that leaves, what nobody has seen is taken back, and a new start takes
//! over what is there.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::gate::go_to_gate_of;
use crate::meanwhile::{self, stopped_before_the_bump};
use crate::support::{World, expect, fixture, run, said, without_the_conflict};

const GAUGE: &str = "brightwater/gauge";
const FORK: &str = "brightwater/gauge-ghsa-3g8f-wv5j-m2cx";

fn abort(out: &Path, words: &[&str]) -> Output {
    run(["abort"].iter().chain(words).chain(&["--dir", out.to_str().unwrap()]))
}

fn call_off(out: &Path) {
    expect(&abort(out, &["--as", "mara", "--reason", "the fix is wrong", "--yes"]), 0);
}

fn rehearse(folder: &Path, world: &World) -> Output {
    run(["rehearse".as_ref(), folder.as_os_str(), "--keep".as_ref(), world.path().as_os_str()])
}

fn private_branches(world: &World) -> String {
    world.git(FORK, &["for-each-ref", "--format=%(refname)", "refs/heads/lockgate"])
}

#[test]
fn what_is_private_is_taken_back_and_the_rest_has_its_command() {
    let world = World::new();
    let out = world.path();
    expect(&rehearse(&fixture("conflict"), &world), 11);
    let early = abort(&out, &["--undo"]);
    expect(&early, 2);
    assert!(said(&early).contains("was not called off"), "{}", said(&early));

    // Where nobody can be asked, it is shown, and the command that means it.
    let shown = abort(&out, &["--as", "mara", "--reason", "the fix is wrong"]);
    expect(&shown, 10);
    let told = said(&shown);
    assert!(told.contains("nothing is changed yet") && told.contains("push-private"), "{told}");
    let command = told.lines().find_map(|line| line.split_once("to call it off: ")).unwrap().1;
    assert!(command.contains("--reason 'the fix is wrong' --yes"), "{command}");
    expect(&rehearse(&fixture("conflict"), &world), 11);
    call_off(&out);

    assert_eq!(private_branches(&world).lines().count(), 2);
    let public = world.git(GAUGE, &["for-each-ref"]);
    let undone = abort(&out, &["--undo"]);
    expect(&undone, 0);
    let told = said(&undone);
    for words in [
        "is closed",
        "is deleted",
        "gh repo delete brightwater/gauge-ghsa-3g8f-wv5j-m2cx",
        "lockgate rehearse",
    ] {
        assert!(told.contains(words), "`{words}` is not said:\n{told}");
    }
    assert_eq!(private_branches(&world), "");
    assert_eq!(world.git(GAUGE, &["for-each-ref"]), public);
    // Pull requests went before their branches, and each is on record once.
    let log = said(&run(["log".as_ref(), out.as_os_str()]));
    assert_eq!(log.matches("taken back: ").count(), 4, "{log}");
    assert!(log.find("is closed").unwrap() < log.find("is deleted").unwrap(), "{log}");
    let again = abort(&out, &["--undo"]);
    expect(&again, 0);
    assert!(said(&again).contains("nothing on the private side is left to take back"), "{}", said(&again));
}

#[test]
fn a_branch_that_somebody_moved_is_left_to_them() {
    let world = World::new();
    let out = world.path();
    expect(&rehearse(&fixture("conflict"), &world), 11);
    call_off(&out);
    let branch = private_branches(&world).lines().next().unwrap().to_owned();
    let before = world.git(FORK, &["rev-parse", &format!("{branch}~1")]);
    world.git(FORK, &["update-ref", &branch, &before]);
    let undone = abort(&out, &["--undo"]);
    expect(&undone, 0);
    assert!(said(&undone).contains("somebody moved it"), "{}", said(&undone));
    assert_eq!(world.git(FORK, &["rev-parse", &branch]), before);
}

#[test]
fn what_an_earlier_run_left_is_listed_when_the_next_one_is_called_off_too() {
    let world = World::new();
    let out = world.path();
    expect(&rehearse(&fixture("conflict"), &world), 11);
    let steps = |told: &str| -> Vec<String> {
        let effects = told.lines().filter(|line| line.starts_with("private") || line.starts_with("PUBLIC"));
        effects.filter_map(|line| Some(line.split_once(": ")?.0.to_owned())).collect()
    };
    let first = steps(&said(&abort(&out, &[])));
    assert!(!first.is_empty());
    call_off(&out);
    expect(&rehearse(&fixture("conflict"), &world), 11);
    let told = said(&abort(&out, &[]));
    assert!(told.contains("left by the run that was called off before:"), "{told}");
    let second = steps(&told);
    for step in first {
        assert_eq!(second.iter().filter(|one| **one == step).count(), 1, "{step} in\n{told}");
    }
    call_off(&out);
    let data = abort(&out, &["--json"]);
    let data: Value = serde_json::from_slice(&data.stdout).unwrap();
    let effects = data["result"]["left"]["effects"].as_array().unwrap();
    assert!(effects.iter().any(|effect| effect["by_an_earlier_run"] == true), "{effects:?}");

    // What is private of it is taken back as well, each thing once.
    assert_eq!(private_branches(&world).lines().count(), 2);
    assert!(said(&abort(&out, &[])).contains("lockgate abort --undo"));
    let undone = abort(&out, &["--undo"]);
    expect(&undone, 0);
    let told = said(&undone);
    let taken: Vec<&str> = told.lines().filter(|line| line.starts_with("taken back")).collect();
    assert_eq!(taken.iter().filter(|line| line.ends_with("is closed")).count(), 2, "{told}");
    assert_eq!(taken.iter().filter(|line| line.ends_with("is deleted")).count(), 2, "{told}");
    assert_eq!(taken.len(), 4, "{told}");
    assert_eq!(private_branches(&world), "");
    let again = said(&abort(&out, &["--undo"]));
    assert!(again.contains("nothing on the private side is left to take back"), "{again}");
    assert!(!again.contains("push-private") && !again.contains("lockgate abort --undo"), "{again}");
}

#[test]
fn en_14_a_release_that_is_started_again_takes_over_what_is_there_and_ends() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    go_to_gate_of(&world, folder.path(), "release-day");
    let out = world.path();
    call_off(&out);
    let resumed = run(["resume".as_ref(), out.as_os_str()]);
    expect(&resumed, 11);
    assert!(said(&resumed).contains("to start it again"), "{}", said(&resumed));

    // No question about branches that "this run did not make": it goes on to its end.
    expect(&rehearse(folder.path(), &world), 0);
    let log = said(&run(["log".as_ref(), out.as_os_str()]));
    assert!(log.contains("started in the place of a run that was called off and had sent 1 mail"), "{log}");
    let events = run(["log".as_ref(), out.as_os_str(), "--json".as_ref()]);
    let events: Value = serde_json::from_slice(&events.stdout).unwrap();
    let mail = events["result"].as_array().unwrap().iter().map(|event| &event["record"]);
    let sent: Vec<&Value> =
        mail.filter(|event| event["fact"] == "done" && event["step"] == "advance-mail").collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["how"], "adopted", "{sent:?}");
    assert!(out.join("earlier/1/journal.db").is_file());

    // The report ends with what people have to do; its command works as printed.
    let report = world.report();
    let left = report["left"].as_array().unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["what"], "delete 3 merged branches in brightwater/gauge, unless GitHub has");
    let command = left[0]["how"].as_str().unwrap();
    // What the shell makes of it is what `gh` is given.
    let shell = format!("gh() {{ echo \"${{4#repos/{GAUGE}/git/refs/heads/}}\"; }}; {command}");
    let asked = Command::new("sh").args(["-c", &shell]).output().unwrap();
    let asked = String::from_utf8(asked.stdout).unwrap();
    let words: Vec<&str> = asked.lines().collect();
    assert_eq!(words.len(), 3, "{command}");
    let branches = world.git(GAUGE, &["for-each-ref", "--format=%(refname:short)", "refs/heads"]);
    for word in &words {
        assert!(branches.lines().any(|branch| branch == *word), "{word} is not among\n{branches}");
    }
}

#[test]
fn what_was_public_when_a_release_was_called_off_is_undone_by_what_works_and_known_to_the_next_run() {
    let project = stopped_before_the_bump();
    let abort = ["abort", "--as", "ada", "--reason", "wrong", "--yes", "--dir", "out"];
    let told = said(&project.run(&abort));
    for words in [
        "undo: it is merged, and only its branch is left to delete",
        "gh pr close 1 --repo acme/pump --delete-branch",
        "gh api --method DELETE repos/acme/pump/git/refs/heads/security/2027-01-12/main",
        "to take back what is on the private side: lockgate abort --undo",
    ] {
        assert!(told.contains(words), "`{words}` is not said:\n{told}");
    }
    assert!(!told.contains("gh pr close 2 --repo acme/pump "), "a merged one cannot be closed:\n{told}");
    expect(&project.run(&["abort", "--undo", "--dir", "out"]), 0);
    let again = said(&project.run(&["abort", "--undo", "--dir", "out"]));
    assert!(!again.contains("lockgate abort --undo"), "nothing is left to take back:\n{again}");

    // As `gh pr close 1 --delete-branch` leaves it: GitHub reopens none without its branch.
    project.world(&["update-ref", "-d", "refs/heads/bump/main-1.2.4"]);
    expect(&meanwhile::rehearse(&project, "calm.toml"), 0);
    assert!(project.world(&["tag"]).contains("v1.2.4"), "{}", project.world(&["tag"]));
    let status = said(&project.run(&["status", "out"]));
    assert!(status.contains("1 merge-patch"), "the first run merged the fix:\n{status}");
    let report = said(&project.run(&["report", "out"]));
    assert!(report.contains("delete 2 merged branches"), "{report}");
    assert!(report.contains("security/2027-01-12/main"), "{report}");
}
