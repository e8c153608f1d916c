//! What people answered is taken back as long as it had no effect, and a change of the files says what becomes of it.

use crate::gate::go_to_gate_of;
use crate::support::{World, edit, expect, run, said, without_the_conflict};

#[test]
fn answer_is_taken_back_by_the_command_that_is_printed_and_a_change_says_whether_it_lapses() {
    let (release, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(release.path());
    go_to_gate_of(&world, release.path(), "ready");
    let path = world.path();
    let out = path.to_str().unwrap();
    let approve = || run(["approve", "ready", "--as", "mara", "--dir", out]);

    // What the release has gone on with stays.
    let status = said(&run(["log", "--dir", out]));
    let confirmed = status.split_whitespace().find_map(|word| {
        word.strip_suffix(':').filter(|step| step.starts_with("confirm/") && step.contains("GHSA-"))
    });
    let late = run(["withdraw", confirmed.expect("something was confirmed"), "--as", "mara", "--dir", out]);
    expect(&late, 2);
    assert!(said(&late).contains(" came after it and is done"), "{}", said(&late));
    let none = run(["withdraw", "ready", "--as", "mara", "--dir", out]);
    expect(&none, 2);
    assert!(said(&none).contains("there is nothing to take back"), "{}", said(&none));

    let approved = approve();
    expect(&approved, 0);
    let told = said(&approved);
    let back =
        told.lines().find_map(|line| line.split_once("it is taken back with: ")).expect("it is said").1;
    let words: Vec<&str> = back.split(' ').skip(1).collect();
    expect(&run(&words), 0);
    assert!(said(&run(["status", out])).contains("lockgate approve ready --as"), "the gate asks again");
    expect(&approve(), 0);

    // The run has not taken it in yet, and the files change.
    let inputs = path.join("inputs");
    edit(&inputs, "catalog.toml", "[mail]\n", "[mail]\n# a remark\n");
    let text = std::fs::read_to_string(inputs.join("release.toml")).unwrap();
    let summary = text.lines().find(|line| line.starts_with("summary = ")).unwrap();
    edit(&inputs, "release.toml", summary, "summary = \"Something else\"");
    let amend = run(["amend", out]);
    expect(&amend, 10);
    assert!(said(&amend).contains("gate/ready: the approval that mara has given lapses"), "{}", said(&amend));
    edit(&inputs, "release.toml", "summary = \"Something else\"", summary);
    expect(&run(["resume", out]), 10);
    let late = run(&words);
    expect(&late, 2);
    assert!(said(&late).contains("cannot be taken back: the step is done with it"), "{}", said(&late));
}
