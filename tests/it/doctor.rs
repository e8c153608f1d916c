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
    edit(folder.path(), "release.toml", "[\"mara\", \"ines\"]", "[\"mara\", \"ines\", \"inez\"]");
    let output = lockgate().arg("doctor").current_dir(folder.path()).output().unwrap();
    expect(&output, 2);
    let said = said(&output);
    assert!(said.contains("FAULT  people: GitHub knows nobody who is called `inez`"), "{said}");
    assert!(said.contains("the suite `unit` needs `no-such-compiler`"), "{said}");
    assert!(said.contains("-> install `no-such-compiler`"), "{said}");
    assert!(said.contains("2 faults would stop the release"), "{said}");
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

#[test]
fn all_that_stands_against_a_plan_is_found_at_once() {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("demo"), folder.path());
    edit(
        folder.path(),
        "catalog.toml",
        "lines = [\"release/1.x\"",
        "lines = [\"release/0.x\", \"release/1.x\"",
    );
    edit(
        folder.path(),
        "catalog.toml",
        "lines = [\"release/5.x\"",
        "lines = [\"release/4.x\", \"release/5.x\"",
    );
    edit(folder.path(), "catalog.toml", "needs = [\"cc\"]", "needs = [\"no-such-compiler\"]");
    let output = lockgate().args(["doctor", "--json"]).current_dir(folder.path()).output().unwrap();
    expect(&output, 2);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = found["result"]["findings"].as_array().unwrap();
    let faults: Vec<&Value> = findings.iter().filter(|finding| finding["grade"] == "fault").collect();
    for (about, what) in [
        ("brightwater/sluice", "no-such-compiler"),
        ("brightwater/sluice", "`release/0.x`"),
        ("brightwater/weir", "`release/4.x`"),
    ] {
        let is_it =
            |fault: &&&Value| fault["about"] == about && fault["what"].as_str().unwrap().contains(what);
        let fault = faults.iter().find(is_it).unwrap_or_else(|| panic!("{about}: {what}: {found}"));
        assert!(fault["remedy"].is_string() && !fault["what"].as_str().unwrap().contains('\n'), "{fault}");
    }
    assert_eq!(found["result"]["faults"], 3, "{found}");
}

#[test]
fn what_needs_no_token_is_looked_at_without_one() {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("demo"), folder.path());
    std::fs::remove_file(folder.path().join("world.toml")).unwrap();
    edit(folder.path(), "catalog.toml", "needs = [\"cc\"]", "needs = [\"no-such-compiler\"]");
    let mut command = lockgate();
    for name in ["GH_TOKEN", "GITHUB_TOKEN", "LOCKGATE_SMTP_PASSWORD"] {
        command.env_remove(name);
    }
    let nothing = folder.path().join("programs");
    std::fs::create_dir(&nothing).unwrap();
    let output = command.arg("doctor").env("PATH", &nothing).current_dir(folder.path()).output().unwrap();
    expect(&output, 2);
    let said = said(&output);
    for words in ["there is no GitHub token", "FAULT  mail: ", "`no-such-compiler`"] {
        assert!(said.contains(words), "`{words}` is not said:\n{said}");
    }
}

#[test]
fn a_file_that_cannot_be_read_hides_neither_the_others_nor_what_is_missing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("demo"), folder.path());
    edit(folder.path(), "catalog.toml", "organisation = \"Brightwater\"", "organisation = ");
    edit(folder.path(), "release.toml", "fixes/sluice-nesting.patch", "fixes/gone.patch");
    edit(folder.path(), "release.toml", "workflow = \"wamr\"", "workflow = \"wammr\"");
    let output = lockgate().arg("doctor").current_dir(folder.path()).output().unwrap();
    expect(&output, 2);
    let told = said(&output);
    for part in [
        "FAULT  catalog.toml: ",
        "FAULT  workflow: ",
        "there is no patch `fixes/gone.patch`",
        "note   plan: ",
    ] {
        assert!(told.contains(part), "`{part}` is not said: {told}");
    }
    assert!(told.contains("3 faults would stop the release"), "{told}");
}
