//! What a repository requires of merges: read when the plan is made, met or refused before the embargo ends, and named while
//! it is awaited.

use std::fs;
use std::path::Path;

use crate::openapi::{record, validated};
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
    let plan = said(&run(["plan", folder.path().to_str().unwrap(), "--long"]));
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
fn owners_of_the_changed_code_are_named_by_the_plan_and_one_who_cannot_approve_is_told() {
    let folder = tempfile::tempdir().unwrap();
    without_the_conflict(folder.path());
    rule(folder.path(), "required_reviews = 1\ncode_owners = [\"mara\"]");
    for (login, team) in [("ines", "shell"), ("mara", "core")] {
        let user = format!("login = \"{login}\"\n");
        edit(folder.path(), "world.toml", &user, &format!("{user}teams = [\"brightwater/{team}\"]\n"));
    }
    let github = folder.path().join("world/gauge/01-start/.github");
    fs::create_dir(&github).unwrap();
    let plan = |owners: &str| {
        fs::write(github.join("CODEOWNERS"), owners).unwrap();
        said(&run(["plan", folder.path().to_str().unwrap()]))
    };
    let several = plan("* @mara\n*.sh @mara @brightwater/shell\n");
    assert!(several.contains("@mara or @brightwater/shell (ines) owns `gauge.sh`"), "{several}");
    for (owners, named) in
        [("@mara", "@mara"), ("@mara @brightwater/core", "@mara or @brightwater/core (mara)")]
    {
        let only = plan(&format!("* {owners}\n"));
        assert!(only.contains(&format!("ONLY {named} owns")), "{only}");
        assert!(only.contains("before the hour"), "{only}");
    }
    let bump = plan("* @ines\nVERSION @mara\nRELEASES.md @mara\n");
    assert!(bump.contains("of the bump: ONLY @mara owns `VERSION`"), "{bump}");
    assert!(bump.contains("ONLY @mara owns `RELEASES.md`"), "the note comes with the fix: {bump}");
    let unread = plan("* @brightwater/hidden\n");
    let named = "@brightwater/hidden (a team whose members this token may not read) owns `gauge.sh`";
    assert!(unread.contains(named), "{unread}");
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
fn check_that_a_rule_requires_cannot_be_waived_and_what_helps_is_told() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    let required = "required_checks = [\"test\"";
    edit(folder.path(), "world.toml", required, &format!("{required}, \"never there\""));
    rehearsed(&world, folder.path(), 11);
    let out = world.path().to_str().unwrap().to_owned();
    let status = said(&run(["status", &out]));
    assert!(status.contains("a rule of the branch requires `never there`"), "{status}");
    assert!(status.contains("let an administrator take it out of the rule"), "{status}");
    assert!(!status.contains("lockgate waive"), "it would have no effect: {status}");
    let step = "await-checks/brightwater/gauge/main";
    let waived = run(["waive", step, "--as", "mara", "--reason", "it never comes", "--dir", &out]);
    expect(&waived, 2);
    assert!(said(&waived).contains("a rule of the branch requires"), "{}", said(&waived));
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
    let output = run(["plan", folder.path().to_str().unwrap(), "--long"]);
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
    let output = run(["plan", folder.path().to_str().unwrap(), "--long"]);
    expect(&output, 2);
    assert!(
        said(&output).contains("it takes signed commits only, and `merge` keeps unsigned ones"),
        "{}",
        said(&output)
    );
}

#[test]
fn locked_branch_is_announced_and_put_to_people_with_what_to_do() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    rule(folder.path(), "locked = true");
    let plan = said(&run(["plan", folder.path().to_str().unwrap(), "--long"]));
    assert!(plan.contains("an administrator unlocks it before the hour"), "{plan}");
    rehearsed(&world, folder.path(), 11);
    let status = said(&run(["status", world.path().to_str().unwrap()]));
    assert!(status.contains("let an administrator unlock the branch"), "{status}");
    assert_eq!(
        merges_tried(&world),
        2,
        "a refusal is put to people, and not tried again; the other branch is tried, too"
    );
}

/// How often a pull request was to be merged by hand.
fn merges_tried(world: &World) -> usize {
    world.requests().iter().filter(|(how, path, _)| how == "PUT" && path.ends_with("/merge")).count()
}

/// A queue that squashes.
const QUEUE: &str = "kind = \"ruleset\"\nmerge_queue = true\nqueue_method = \"squash\"";

#[test]
fn merge_queue_merges_and_its_tree_is_held_against_the_proven_one() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    rule(folder.path(), QUEUE);
    record(folder.path());
    let plan = said(&run(["plan", folder.path().to_str().unwrap(), "--long"]));
    assert!(plan.contains("merged by the merge queue, to which each pull request is added"), "{plan}");
    assert!(plan.contains("merged by squash only"), "{plan}");
    rehearsed(&world, folder.path(), 0);
    assert_eq!(merges_tried(&world), 0, "what goes through a queue is not merged by hand");
    let log = said(&run(["log", world.path().to_str().unwrap()]));
    assert!(log.contains("the merge queue of `release/2.x` to merge"), "{log}");
    // The tree is the proven stack's, and the suites ran on exactly it.
    assert!(log.contains("compare-tree/brightwater/gauge/release/2.x: 2 checks passed"), "{log}");
    let parents = world.git("brightwater/gauge", &["log", "-3", "--format=%P", "release/2.x"]);
    assert!(parents.lines().all(|line| !line.contains(' ')), "the queue squashes: {parents}");
    let left = world.git("brightwater/gauge", &["for-each-ref", "refs/heads/gh-readonly-queue"]);
    assert_eq!(left, "", "the queue's own branches are gone");
    let Some(counts) = validated(&world.path()) else { return };
    counts.conclude("queue");
}

#[test]
fn what_the_queue_throws_out_is_told_with_the_next_command_and_added_again_when_resumed() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    rule(folder.path(), QUEUE);
    record(folder.path());
    edit(folder.path(), "world.toml", "name = \"test\"", "name = \"test\"\nin_queue = \"failure\"");
    rehearsed(&world, folder.path(), 11);
    let status = said(&run(["status", world.path().to_str().unwrap()]));
    assert!(status.contains("the merge queue of `main` removed"), "{status}");
    assert!(status.contains("(failed checks): nothing was merged"), "{status}");
    assert!(status.contains("lockgate resume"), "{status}");
    let tags = world.git("brightwater/gauge", &["tag", "--list"]);
    assert!(!tags.contains("2.0.1"), "nothing is released: {tags}");
    let Some(counts) = validated(&world.path()) else { return };
    counts.conclude("queue-removal");
}

#[test]
fn without_the_right_to_enqueue_people_are_asked() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    rule(folder.path(), &format!("{QUEUE}\nmay_enqueue = [\"ines\"]"));
    rehearsed(&world, folder.path(), 11);
    let status = said(&run(["status", world.path().to_str().unwrap()]));
    assert!(
        status.contains("does not have the correct permissions to execute `EnqueuePullRequest`"),
        "{status}"
    );
    assert!(status.contains("let somebody who may add it to the merge queue on its page"), "{status}");
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

/// The project's check begins in another way than by a push.
fn check_starts(folder: &Path, how: &str) {
    edit(folder, "world.toml", "name = \"test\"", &format!("name = \"test\"\nstarts = \"{how}\""));
}

#[test]
fn checks_that_begin_with_an_approval_have_it_asked_for_at_once_and_say_so_while_they_wait() {
    let project = |reviewers: &str| {
        let folder = tempfile::tempdir().unwrap();
        without_the_conflict(folder.path());
        let workflows = folder.path().join("world/gauge/01-start/.github/workflows");
        fs::create_dir_all(&workflows).unwrap();
        let text = "on: { pull_request_review: { types: [submitted] } }\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    \
                    if: github.event.review.state == 'approved'\n    steps: [{ run: tests/run.sh }]\n";
        fs::write(workflows.join("ci.yml"), text).unwrap();
        check_starts(folder.path(), "review");
        rule(folder.path(), reviewers);
        folder
    };
    let (folder, world) = (project("reviewers = [{ login = \"ines\", after = \"20m\" }]"), World::new());
    let plan = said(&run(["plan", folder.path().to_str().unwrap()]));
    for words in [
        "3 pull requests need an approval each by somebody else than who opens them: ines is asked",
        "brightwater/gauge main: `ci.yml` starts only when somebody reviews the pull request",
    ] {
        assert!(plan.contains(words), "{plan}");
    }
    rehearsed(&world, folder.path(), 0);
    assert_eq!(asked(&world, "POST", "/requested_reviewers"), 3);

    let (folder, world) = (project(""), World::new());
    rehearsed(&world, folder.path(), 11);
    let status = said(&run(["status", world.path().to_str().unwrap()]));
    let status = status.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(status.contains("somebody to approve it, since `ci.yml` begins only then"), "{status}");
}

#[test]
fn checks_of_a_pull_request_from_a_fork_are_let_start_or_somebody_is_asked_to() {
    let project = |more: &str| {
        let folder = tempfile::tempdir().unwrap();
        without_the_conflict(folder.path());
        let publish = "publish-from = { fork = \"mara/gauge\" }\n\n[repo.version]";
        edit(folder.path(), "catalog.toml", "[repo.version]", publish);
        let fork = format!(
            "[[repos]]\nname = \"mara/gauge\"\nfork_of = \"brightwater/gauge\"\n\n{more}[[advisories]]"
        );
        edit(folder.path(), "world.toml", "[[advisories]]", &fork);
        check_starts(folder.path(), "maintainer");
        folder
    };
    let (folder, world) = (project(""), World::new());
    rehearsed(&world, folder.path(), 0);
    assert_eq!(asked(&world, "POST", "/approve"), 3);

    let refused = "[[faults]]\nmethod = \"POST\"\npath = \"/approve$\"\nstatus = 403\ntimes = 99\n\
                   body = '{\"message\":\"Resource not accessible by personal access token\"}'\n\n";
    let (folder, world) = (project(refused), World::new());
    rehearsed(&world, folder.path(), 11);
    let status = said(&run(["status", world.path().to_str().unwrap()]));
    let status = status.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(status.contains("press \"Approve workflows to run\" on that page"), "{status}");
}
