//! A conflict that a person resolves in the work tree that `lockgate resolve` opens: by the commands that it prints, by
//! hand, wrongly, or not at all.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::{World, expect, fixture, git, lockgate, run, said};

const STEP: &str = "backport/brightwater/gauge/release/1.x/GHSA-3g8f-wv5j-m2cx";

/// A rehearsal that stopped at the conflict.
struct Stopped {
    world: World,
}

impl Stopped {
    fn new() -> Stopped {
        // Where a shell takes nothing as it stands.
        let world = World::named("it's $here");
        let fixture = fixture("conflict");
        let output =
            run(["rehearse".as_ref(), fixture.as_os_str(), "--keep".as_ref(), world.path().as_os_str()]);
        expect(&output, 11);
        Stopped { world }
    }

    fn out(&self) -> String {
        self.world.path().to_str().unwrap().to_owned()
    }

    /// Opens the work tree; gives its place and what was printed.
    fn opened(&self) -> (PathBuf, String) {
        let output = run(["resolve", STEP, "--dir", &self.out()]);
        expect(&output, 11);
        let told = said(&output);
        let place = told.lines().find_map(|line| line.split_once(" is checked out in ")).unwrap().1;
        (PathBuf::from(place), told)
    }

    fn done(&self) -> Output {
        run(["resolve", STEP, "--done", "--as", "mara", "--dir", &self.out()])
    }

    /// Nothing of a refused result counts: the step still asks.
    fn is_refused(&self, told: &str) {
        let output = self.done();
        expect(&output, 11);
        assert!(said(&output).contains(told) && said(&output).contains("hint: "), "{}", said(&output));
        let status = run(["status", &self.out()]);
        assert!(said(&status).contains(STEP), "{}", said(&status));
        expect(&run(["resume", &self.out()]), 11);
    }
}

/// Runs a line as a shell does, with the tool on the path; hooks of the user's own would leave a file.
fn typed(line: &str) {
    let tool = PathBuf::from(env!("CARGO_BIN_EXE_lockgate"));
    let path = format!("{}:{}", tool.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh").args(["-c", line]).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{line}: {}", said(&output));
}

/// Writes the right text over the one with markers.
fn edit(place: &std::path::Path) {
    git(place, &["checkout", "-q", "HEAD", "--", "gauge.sh"]);
    git(place, &["apply", "--include=gauge.sh", fixture("conflict/resolution.patch").to_str().unwrap()]);
}

#[test]
fn bp_17_the_printed_commands_executed_literally_succeed() {
    let stopped = Stopped::new();
    let (place, told) = stopped.opened();
    assert!(std::fs::read_to_string(place.join("gauge.sh")).unwrap().contains("<<<<<<<"));
    edit(&place);
    let printed: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert_eq!(printed.len(), 2, "{told}");
    printed.iter().for_each(|line| typed(line));
    // The run goes on to the gate, which says that a person had a hand in it.
    let resumed = run(["resume", &stopped.out()]);
    expect(&resumed, 10);
    assert!(said(&resumed).contains(&format!("{STEP}: 1 commit")), "{}", said(&resumed));
    let shown = said(&run(["approve", "ready", "--long", "--dir", &stopped.out()]));
    assert!(shown.contains("NEEDS REVIEW: mara resolved a conflict here"), "{shown}");
}

#[test]
fn bp_18_a_result_that_was_committed_by_hand_is_taken_as_it_is() {
    let stopped = Stopped::new();
    let (place, _) = stopped.opened();
    edit(&place);
    git(&place, &["commit", "-q", "--all", "-m", "gauge: refuse what is no number, for 1.x"]);
    let made = git(&place, &["rev-parse", "--short=10", "HEAD"]);
    let output = stopped.done();
    expect(&output, 0);
    assert!(said(&output).contains(&made), "{}", said(&output));
    expect(&run(["resume", &stopped.out()]), 10);
    let shown = said(&run(["approve", "ready", "--long", "--dir", &stopped.out()]));
    assert!(shown.contains("for 1.x"), "{shown}");
}

#[test]
fn bp_19_who_aborted_by_hand_is_told_that_nothing_is_there_and_may_begin_again() {
    let stopped = Stopped::new();
    let (place, _) = stopped.opened();
    git(&place, &["cherry-pick", "--abort"]);
    stopped.is_refused("the resolution has no commit of its own");
    std::fs::remove_dir_all(&place).unwrap();
    let (again, _) = stopped.opened();
    edit(&again);
    git(&again, &["add", "gauge.sh"]);
    expect(&stopped.done(), 0);
}

#[test]
fn who_keeps_the_branchs_own_text_is_told_that_nothing_is_left_of_the_fix() {
    let stopped = Stopped::new();
    let (place, _) = stopped.opened();
    git(&place, &["restore", "--source=HEAD", "--staged", "--worktree", "."]);
    stopped.is_refused("nothing is left of the fix");
    edit(&place);
    git(&place, &["add", "gauge.sh"]);
    expect(&stopped.done(), 0);
}

#[test]
fn bp_20_a_work_tree_that_cannot_be_thrown_away_is_reported() {
    let stopped = Stopped::new();
    let (place, _) = stopped.opened();
    std::fs::remove_dir_all(&place).unwrap();
    std::fs::write(&place, "in the way").unwrap();
    let output = run(["resolve", STEP, "--dir", &stopped.out()]);
    expect(&output, 20);
    let told = said(&output);
    assert!(told.contains(place.to_str().unwrap()) && told.contains("hint: "), "{told}");
    assert_eq!(std::fs::read_to_string(&place).unwrap(), "in the way");
}

#[test]
fn bp_21_a_result_in_the_wrong_state_on_the_wrong_branch_or_of_another_repository_is_refused() {
    let stopped = Stopped::new();
    // Nothing was opened; and a step that asks for nothing.
    let early = stopped.done();
    expect(&early, 2);
    assert!(said(&early).contains("no work tree was opened"), "{}", said(&early));
    let other = STEP.replace("release/1.x", "release/2.x");
    let output = run(["resolve", &other, "--done", "--as", "mara", "--dir", &stopped.out()]);
    expect(&output, 2);
    assert!(said(&output).contains("cannot be resolved: "), "{}", said(&output));

    let (place, _) = stopped.opened();
    stopped.is_refused("not resolved yet: gauge.sh");
    // On another branch: that of the fix itself, where it applies by nature.
    let fix = git(&place, &["rev-parse", "CHERRY_PICK_HEAD"]);
    git(&place, &["cherry-pick", "--abort"]);
    git(&place, &["switch", "-q", "--detach", &fix]);
    stopped.is_refused("is not based on the branch's head");
    // Another repository in the same place, whose root is another commit.
    std::fs::rename(place.join(".git/lockgate-open"), place.join("kept")).unwrap();
    std::fs::remove_dir_all(place.join(".git")).unwrap();
    git(&place, &["init", "-q"]);
    git(&place, &["commit", "-q", "--allow-empty", "-m", "not yours"]);
    std::fs::rename(place.join("kept"), place.join(".git/lockgate-open")).unwrap();
    stopped.is_refused("is not based on the branch's head");
}

#[test]
fn a_result_that_changes_nothing_is_refused() {
    let stopped = Stopped::new();
    let (place, _) = stopped.opened();
    git(&place, &["reset", "-q", "--hard"]);
    git(&place, &["commit", "-q", "--allow-empty", "-m", "gauge: nothing to do here"]);
    stopped.is_refused("changes nothing: its files are those of the branch's head");
}

#[test]
fn bp_49_a_marker_that_is_left_closes_the_way() {
    let stopped = Stopped::new();
    let (place, _) = stopped.opened();
    git(&place, &["add", "gauge.sh"]);
    stopped.is_refused("still has a conflict marker in `gauge.sh`, line");
    // What is advised is what every other refusal advises, and it is enough.
    let advised = said(&stopped.done());
    let command = advised.split_once("hint: finish that file, then: ").unwrap().1.lines().next().unwrap();
    git(&place, &["checkout", "-q", "HEAD~1", "--", "gauge.sh"]);
    git(&place, &["apply", "--include=gauge.sh", fixture("conflict/resolution.patch").to_str().unwrap()]);
    typed(command);
    expect(&stopped.done(), 0);
    expect(&run(["resume", &stopped.out()]), 10);
}

#[test]
fn bp_45_hooks_of_the_user_do_not_run_on_what_is_under_embargo() {
    let stopped = Stopped::new();
    let folder = tempfile::tempdir().unwrap();
    let ran = folder.path().join("ran");
    for hook in ["post-checkout", "pre-commit", "prepare-commit-msg", "post-commit", "reference-transaction"]
    {
        let path = folder.path().join(hook);
        std::fs::write(&path, format!("#!/bin/sh\necho {hook} >> '{}'\n", ran.display())).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let config = folder.path().join("gitconfig");
    std::fs::write(&config, format!("[core]\n\thooksPath = {}\n", folder.path().display())).unwrap();
    let with_hooks = |arguments: &[&str], code: i32| {
        let output = lockgate().args(arguments).env("GIT_CONFIG_GLOBAL", &config).output().unwrap();
        expect(&output, code);
        said(&output)
    };
    let told = with_hooks(&["resolve", STEP, "--dir", &stopped.out()], 11);
    let place =
        PathBuf::from(told.lines().find_map(|line| line.split_once(" is checked out in ")).unwrap().1);
    edit(&place);
    git(&place, &["add", "gauge.sh"]);
    with_hooks(&["resolve", STEP, "--done", "--as", "mara", "--dir", &stopped.out()], 0);
    assert!(!ran.exists(), "{}", std::fs::read_to_string(&ran).unwrap());
}
