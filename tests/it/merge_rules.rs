//! What a repository requires of merges: read when the plan is made, met or refused before the embargo ends, and named while
//! it is awaited.

use std::fs;
use std::path::Path;

use crate::support::{World, edit, expect, fixture, rehearsed, run, said, without_the_conflict};

/// More of the rule that protects the branches.
fn rule(folder: &Path, more: &str) {
    edit(
        folder,
        "world.toml",
        "required_checks = [\"test\"]",
        &format!("required_checks = [\"test\"]\n{more}"),
    );
}

/// The requests of a kind that were answered with success.
fn asked(world: &World, method: &str, end: &str) -> usize {
    let all = world.requests();
    all.iter().filter(|(how, path, status)| how == method && path.ends_with(end) && *status < 300).count()
}

#[test]
fn approvals_are_announced_asked_for_at_once_and_waited_for() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    rule(
        folder.path(),
        "kind = \"ruleset\"\nrequired_reviews = 1\ncode_owners = [\"ines\"]\nfresh_reviews = true\n\
         reviewers = [{ login = \"ines\", after = \"20m\" }]",
    );
    let plan = said(&run(["plan", folder.path().to_str().unwrap()]));
    assert!(plan.contains("What GitHub requires of the merges"), "{plan}");
    assert!(
        plan.contains("3 pull requests need an approval each by somebody else than who opens them: ines"),
        "{plan}"
    );
    assert!(plan.contains("an owner of the changed code approves"), "{plan}");

    rehearsed(&world, folder.path(), 0);
    assert_eq!(asked(&world, "POST", "/requested_reviewers"), 3);
    let refused = world
        .requests()
        .iter()
        .filter(|(_, path, status)| path.ends_with("/merge") && *status == 405)
        .count();
    assert_eq!(refused, 0, "no merge is tried before it is approved");
}

#[test]
fn who_does_not_approve_is_named_before_anybody_asks_why_nothing_happens() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    rule(folder.path(), "required_reviews = 1");
    rehearsed(&world, folder.path(), 11);
    let status = said(&run(["status", world.path().to_str().unwrap()]));
    assert!(status.contains("1 approval by somebody other than who opened it"), "{status}");
    assert!(status.contains("/pull/"), "{status}");
}

#[test]
fn method_that_the_repository_forbids_is_refused_with_its_place_and_the_default_is_what_it_allows() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    edit(
        folder.path(),
        "world.toml",
        "collaborators = { ines = \"admin\" }",
        "collaborators = { ines = \"admin\" }\nmerge_methods = [\"squash\"]",
    );
    edit(folder.path(), "catalog.toml", "project = \"Gauge\"", "project = \"Gauge\"\nmerge = \"rebase\"");
    let output = run(["plan", folder.path().to_str().unwrap()]);
    expect(&output, 2);
    let refusal = said(&output);
    assert!(refusal.contains("catalog.toml:12:1") || refusal.contains("catalog.toml:12:"), "{refusal}");
    assert!(refusal.contains("does not allow `rebase` there, only `squash`"), "{refusal}");
    assert!(refusal.contains("write `merge = \"squash\"`, or leave `merge` out"), "{refusal}");

    edit(folder.path(), "catalog.toml", "\nmerge = \"rebase\"", "");
    rehearsed(&world, folder.path(), 0);
    let parents = world.git("brightwater/gauge", &["log", "-3", "--format=%P", "release/2.x"]);
    assert!(parents.lines().all(|line| !line.contains(' ')), "a merge commit was made: {parents}");
}

#[test]
fn unsigned_commits_are_refused_where_the_branch_takes_signed_ones() {
    let folder = tempfile::tempdir().unwrap();
    without_the_conflict(folder.path());
    rule(folder.path(), "signatures = true");
    let output = run(["plan", folder.path().to_str().unwrap()]);
    expect(&output, 2);
    assert!(
        said(&output).contains("it takes signed commits only, and `merge` keeps unsigned ones"),
        "{}",
        said(&output)
    );
}

#[test]
fn merge_queue_and_locked_branch_are_announced_and_put_to_people_with_what_to_do() {
    for (switch, announced, asked_for) in [
        (
            "kind = \"ruleset\"\nmerge_queue = true",
            "merged by the merge queue",
            "add it to the merge queue on its page",
        ),
        (
            "locked = true",
            "an administrator unlocks it before the hour",
            "let an administrator unlock the branch",
        ),
    ] {
        let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
        without_the_conflict(folder.path());
        rule(folder.path(), switch);
        let plan = said(&run(["plan", folder.path().to_str().unwrap()]));
        assert!(plan.contains(announced), "{plan}");
        rehearsed(&world, folder.path(), 11);
        let status = said(&run(["status", world.path().to_str().unwrap()]));
        assert!(status.contains(asked_for), "{status}");
        let tried =
            world.requests().iter().filter(|(how, path, _)| how == "PUT" && path.ends_with("/merge")).count();
        assert_eq!(tried, 1, "a refusal is put to people, and not tried again");
    }
}

#[test]
fn check_that_no_rule_requires_does_not_hold_a_line_for_hours() {
    let stuck = "[[repos.checks]]\nname = \"nightly\"\noutcome = \"stuck\"\n\n[repos.release]";
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    edit(folder.path(), "world.toml", "[repos.release]", stuck);
    rehearsed(&world, folder.path(), 11);
    let status = said(&run(["status", world.path().to_str().unwrap()]));
    assert!(status.contains("`nightly` is not green on"), "{status}");
    assert!(status.contains("no rule requires it; what is required is green"), "{status}");

    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    edit(folder.path(), "world.toml", "[repos.release]", stuck);
    let workflow = fs::read_to_string(fixture("../workflows/github.toml")).unwrap();
    let policy = "[policy]\noptional-checks = \"continue\"\noptional-patience = \"10m\"\n";
    let workflow = if workflow.contains("[policy]\n") {
        workflow.replacen("[policy]\n", policy, 1)
    } else {
        format!("{workflow}\n{policy}")
    };
    fs::write(folder.path().join("own.toml"), workflow).unwrap();
    let release_file = fs::read_to_string(folder.path().join("release.toml")).unwrap();
    let named = release_file.lines().find(|line| line.starts_with("workflow")).unwrap().to_owned();
    edit(folder.path(), "release.toml", &named, "workflow = \"own.toml\"");
    rehearsed(&world, folder.path(), 0);
    let log = said(&run(["log", world.path().to_str().unwrap()]));
    assert!(log.contains("not required and not green: nightly"), "{log}");
}
