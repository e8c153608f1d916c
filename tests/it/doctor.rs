//! What is looked at before the day: everything that is missing, at once.

use serde_json::Value;

use crate::support::{copy, edit, expect, fixture, lockgate, run, said};

#[test]
fn nothing_is_missing_for_the_demo() {
    let output = run(["doctor", fixture("demo").to_str().unwrap(), "--json"]);
    expect(&output, 0);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = &found["result"];
    assert_eq!(found["faults"], 0, "{found}");
    let about: Vec<&str> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["about"].as_str().unwrap())
        .collect();
    for part in ["token", "mail", "plan"] {
        assert!(about.contains(&part), "{part} was not looked at: {found}");
    }
}

#[test]
fn all_that_is_missing_is_said_at_once_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("demo"), folder.path());
    edit(folder.path(), "catalog.toml", "needs = [\"cc\"]", "needs = [\"no-such-compiler\"]");
    let output = lockgate().arg("doctor").current_dir(folder.path()).output().unwrap();
    expect(&output, 2);
    let said = said(&output);
    assert!(said.contains("the suite `unit` needs `no-such-compiler`"), "{said}");
    assert!(said.contains("-> install `no-such-compiler`"), "{said}");
    assert!(said.contains("1 fault would stop the release"), "{said}");
}

#[test]
fn approvals_are_told_before_the_day_and_a_token_that_will_not_do_is_one_fault_among_others() {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("conflict"), folder.path());
    let world = std::fs::read_to_string(folder.path().join("world.toml")).unwrap();
    let user = world.find("[[users]]").expect("the world has users");
    let world = format!(
        "{}{}",
        &world[..user],
        world[user..].replacen("[[users]]", "[[users]]\nscopes = [\"gist\"]", 1)
    );
    std::fs::write(folder.path().join("world.toml"), world).unwrap();
    let output = lockgate().arg("doctor").current_dir(folder.path()).output().unwrap();
    expect(&output, 2);
    let said = said(&output);
    assert!(said.contains("FAULT  token:"), "{said}");
    assert!(said.contains("ok     mail:"), "{said}");
    assert!(said.contains("ok     plan:"), "{said}");
}
