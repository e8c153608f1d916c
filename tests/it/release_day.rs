//! Cases of a release day and of the engine (docs/cases.md) that no other story is about: what people and services do meanwhile, and
//! what becomes of the release.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;

use crate::gate::{answer, go_to_gate, go_to_gate_of};
use crate::support::{
    SLUICE, Served, WEIR, World, copy, edit, expect, fixture, next_commands, rehearsed, run, said,
    without_the_conflict,
};

const GAUGE: &str = "brightwater/gauge";
const FORK: &str = "brightwater/gauge-ghsa-3g8f-wv5j-m2cx";
const BACKPORT: &str = "refs/heads/lockgate/GHSA-3g8f-wv5j-m2cx/main";

/// The small release, stopped at a gate.
fn at_gate(gate: &str) -> World {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    go_to_gate_of(&world, folder.path(), gate);
    world
}

/// Somebody else does something at the kept world's GitHub; the status that it answers.
fn somebody(world: &World, method: &str, path: &str, body: &str) -> u16 {
    let kept = world.path();
    let server = Served::with(&[kept.as_path()]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let head = format!(
        "{method} /api{path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: curl\r\nContent-Length: {}\r\n\
         Authorization: Bearer emulated-token-of-mara\r\nConnection: close\r\n\r\n{body}",
        server.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn status(world: &World) -> String {
    said(&run(["status".as_ref(), world.path().as_os_str()]))
}

#[track_caller]
fn resumed(world: &World, code: i32) -> String {
    let output = run(["resume".as_ref(), world.path().as_os_str()]);
    expect(&output, code);
    said(&output)
}

/// Approves what waits and resumes, until the release has ended.
#[track_caller]
fn carried_to_the_end(world: &World) {
    for _ in 0..3 {
        for command in next_commands(&status(world)) {
            answer(world, &command);
        }
        if run(["resume".as_ref(), world.path().as_os_str()]).status.code() == Some(0) {
            return;
        }
    }
    panic!("the release does not end:\n{}", status(world));
}

/// What became of the release so far.
fn report(world: &World) -> Value {
    let output = run(["report".as_ref(), world.path().as_os_str(), "--json".as_ref()]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["result"].clone()
}

/// Whether every advisory is public.
fn is_public(world: &World) -> bool {
    report(world)["advisories"].as_array().unwrap().iter().all(|one| !one["published"].is_null())
}

/// What a gate is asked with.
fn question(world: &World, gate: &str) -> String {
    let output = run(["approve".as_ref(), gate.as_ref(), "--dir".as_ref(), world.path().as_os_str()]);
    expect(&output, 10);
    said(&output)
}

/// The small release with a scenario, and the world in which it is kept.
fn with_scenario(text: &str) -> (tempfile::TempDir, World) {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    std::fs::write(folder.path().join("chaos.toml"), text).unwrap();
    (folder, world)
}

#[track_caller]
fn rehearse_with(world: &World, release: &Path, scenario: &Path, code: i32) -> String {
    let output = run([
        "rehearse".as_ref(),
        release.as_os_str(),
        "--keep".as_ref(),
        world.path().as_os_str(),
        "--scenario".as_ref(),
        scenario.as_os_str(),
    ]);
    expect(&output, code);
    said(&output)
}

/// A scenario in which nothing goes wrong any more.
fn calm(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("calm.toml");
    std::fs::write(&path, "").unwrap();
    path
}

#[test]
fn en_04_a_file_that_changed_is_refused_on_resuming_and_the_difference_is_shown() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    copy(&fixture("conflict"), folder.path());
    rehearsed(&world, folder.path(), 11);
    let inputs = world.path().join("inputs");
    edit(&inputs, "catalog.toml", "timeout = \"1m\"", "timeout = \"2m\"");
    let refused = resumed(&world, 2);
    assert!(refused.contains("the catalog changed since the run was started"), "{refused}");
    assert!(refused.contains("lockgate amend"), "{refused}");
    let output = run(["amend".as_ref(), world.path().as_os_str()]);
    expect(&output, 10);
    assert!(said(&output).contains(&format!("~ prove/{GAUGE}/main: the tests changed")), "{}", said(&output));
    edit(&inputs, "catalog.toml", "timeout = \"2m\"", "timeout = \"1m\"");
    resumed(&world, 11);
}

#[test]
fn en_10_a_gate_cannot_be_approved_before_what_it_waits_for() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    copy(&fixture("conflict"), folder.path());
    rehearsed(&world, folder.path(), 11);
    for gate in ["ready", "release-day"] {
        let path = world.path();
        let approve = ["approve", gate, "--as", "mara", "--dir", path.to_str().unwrap()];
        let output = run(approve);
        expect(&output, 2);
        let told = said(&output);
        assert!(told.contains(&format!("`gate/{gate}` cannot be approved")), "{told}");
        assert!(told.contains("has not reached it yet") && told.contains("it comes after `"), "{told}");
    }
    let log = said(&run(["log".as_ref(), world.path().as_os_str()]));
    assert!(!log.contains("approved by"), "{log}");
}

#[test]
fn rd_03_a_private_branch_that_moved_after_the_tests_is_told_and_never_released() {
    let world = at_gate("ready");
    let commit = ["commit-tree", &format!("{BACKPORT}^{{tree}}"), "-p", BACKPORT, "-m", "Meanwhile"];
    let theirs = world.git(FORK, &commit);
    world.git(FORK, &["update-ref", BACKPORT, theirs.trim()]);
    for gate in ["ready", "release-day"] {
        if gate == "release-day" {
            for command in next_commands(&status(&world)) {
                answer(&world, &command);
            }
        }
        resumed(&world, 10);
        let asked = question(&world, gate);
        let told =
            format!("somebody moved `lockgate/GHSA-3g8f-wv5j-m2cx/main` of `{FORK}` to {}", &theirs[..10]);
        assert!(asked.split_whitespace().collect::<Vec<_>>().join(" ").contains(&told), "{asked}");
    }
    carried_to_the_end(&world);
    let released = world.git(GAUGE, &["log", "--format=%s", "main", "release/2.x"]);
    assert!(!released.contains("Meanwhile"), "{released}");
}

#[test]
fn rd_05_checks_that_never_start_are_waited_for_with_an_end_and_then_told() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    edit(folder.path(), "world.toml", "appears = \"10s\"", "appears = \"900h\"");
    let told = rehearsed(&world, folder.path(), 11);
    assert!(told.contains("waited since 2026-03-06T15:00:00Z for checks to appear on "), "{told}");
    assert!(told.contains("parts of the release are public already"), "{told}");
    assert!(!told.contains("lockgate waive await-checks"), "a required check cannot be waived: {told}");
    let status = status(&world);
    assert!(status.contains("waiting for people"), "{status}");
    let requests = world.requests();
    assert!(!requests.iter().any(|(method, path, _)| method == "PUT" && path.ends_with("/merge")));
}

#[test]
fn rd_06_a_bump_that_is_merged_without_a_tag_is_no_release() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    edit(
        folder.path(),
        "world.toml",
        "tag = \"v{version}\"\ndelay = \"1m\"",
        "tag = \"v{version}\"\ndelay = \"900h\"",
    );
    let told = rehearsed(&world, folder.path(), 11);
    assert!(told.contains("for the tag v2.0.1 of `brightwater/gauge`"), "{told}");
    assert!(status(&world).contains("1 merge-bump"), "{}", status(&world));
    assert!(!is_public(&world), "an advisory is public without a release");
    let dispatched =
        |world: &World| world.requests().iter().filter(|(_, path, _)| path.ends_with("/dispatches")).count();
    resumed(&world, 11);
    assert_eq!(dispatched(&world), 1, "a second dispatch would cancel the first");
}

#[test]
fn rd_09_a_registry_that_limits_in_the_middle_is_waited_for_as_it_says() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    let scenario = folder.path().join("chaos.toml");
    let limits = "[[faults]]\nwire = \"registry\"\npath = \".\"\nafter = 16\ntimes = 6\nstatus = 429\n\
        headers = { retry-after = \"Tue, 10 Mar 2026 17:30:00 GMT\" }\nbody = \"try again after Tue, 10 Mar 2026 17:30:00 GMT\"\n";
    std::fs::write(&scenario, limits).unwrap();
    rehearse_with(&world, &fixture("demo"), &scenario, 0);
    let lines = report(&world)["targets"].as_array().unwrap().clone();
    let of_weir = lines.iter().filter(|line| line["repo"] == WEIR && line["branch"] != "main");
    for line in of_weir {
        assert!(line["registry"].as_str().unwrap().contains("is available"), "{line}");
    }
}

#[test]
fn rd_11_a_version_that_the_registry_has_before_the_release_stops_it() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    let package = "{ ecosystem = \"rust\", name = \"gauge\", registry = true }";
    edit(folder.path(), "catalog.toml", "{ ecosystem = \"other\", name = \"gauge\" }", package);
    let path = folder.path().join("world.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let versions = "\n[[packages]]\necosystem = \"cargo\"\nname = \"gauge\"\nversions = [\"1.2.1\", \"2.0.0\", \"2.0.1\"]\n";
    std::fs::write(&path, text + versions).unwrap();
    let output = run(["plan".as_ref(), folder.path().as_os_str()]);
    expect(&output, 2);
    let told = said(&output);
    assert!(told.contains("cargo:gauge 2.0.1 is in its registry already"), "{told}");
    assert!(told.contains("state another `version` for `release/2.x`"), "{told}");
    rehearsed(&world, folder.path(), 2);
}

/// Nobody approves unseen what somebody else did to the draft or to the release's tag since it was written and planned.
#[test]
fn what_somebody_changed_in_a_draft_and_a_tag_that_somebody_made_are_told_at_the_gate() {
    let world = at_gate("release-day");
    let draft = format!("/repos/{GAUGE}/security-advisories/GHSA-3g8f-wv5j-m2cx");
    assert_eq!(somebody(&world, "PATCH", &draft, "{\"summary\":\"Another summary\"}"), 200);
    let head = world.git(GAUGE, &["rev-parse", "main"]);
    let tag = format!("{{\"ref\":\"refs/tags/v2.0.1\",\"sha\":\"{}\"}}", head.trim());
    assert_eq!(somebody(&world, "POST", &format!("/repos/{GAUGE}/git/refs"), &tag), 201);
    resumed(&world, 10);
    let asked = question(&world, "release-day").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(asked.contains("somebody changed its summary in the draft of GHSA-3g8f-wv5j-m2cx"), "{asked}");
    assert!(asked.contains(&format!("the tag v2.0.1 of `{GAUGE}` exists, at ")), "{asked}");
    assert!(status(&world).contains("\n    lockgate amend "), "{}", status(&world));

    assert_eq!(somebody(&world, "DELETE", &format!("/repos/{GAUGE}/git/refs/tags/v2.0.1"), ""), 204);
    resumed(&world, 10);
    carried_to_the_end(&world);
    let log = said(&run(["log".as_ref(), world.path().as_os_str()]));
    assert!(
        log.contains("somebody had changed its summary since it was approved, which was put back"),
        "{log}"
    );
}

#[test]
fn rd_13_two_of_four_merges_and_the_others_after_a_token_that_expired_in_the_middle() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    let scenario = folder.path().join("chaos.toml");
    // Each of the others is tried once, for none needs the one before it.
    let expired = "[[faults]]\nmethod = \"PUT\"\npath = \"/brightwater/sluice/pulls/.*/merge$\"\nafter = 2\nstatus = 401\ntimes = 2\n";
    std::fs::write(&scenario, expired).unwrap();
    rehearse_with(&world, &fixture("demo"), &scenario, 20);
    let merged = |world: &World| {
        let requests = world.requests();
        let merges = requests
            .into_iter()
            .filter(|(method, path, _)| method == "PUT" && path.contains(SLUICE) && path.ends_with("/merge"));
        merges.filter(|(_, _, status)| *status == 200).map(|(_, path, _)| path).collect::<Vec<_>>()
    };
    assert_eq!(merged(&world).len(), 2);
    rehearse_with(&world, &fixture("demo"), &calm(folder.path()), 0);
    let mut all = merged(&world);
    // Four branches get the fixes, and three of them a bump.
    assert_eq!(all.len(), 7, "{all:?}");
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 7, "nothing was merged twice: {all:?}");
}

#[test]
fn rd_15_a_private_fork_that_somebody_deleted_early_holds_nothing_up() {
    let world = at_gate("ready");
    assert_eq!(somebody(&world, "DELETE", &format!("/repos/{FORK}"), ""), 204);
    resumed(&world, 10);
    let asked = question(&world, "ready");
    let told = format!("`{FORK}` was deleted; what is released was fetched from there before");
    assert!(asked.split_whitespace().collect::<Vec<_>>().join(" ").contains(&told), "{asked}");
    carried_to_the_end(&world);
    assert!(is_public(&world));
}

#[test]
fn rd_17_an_advisory_that_somebody_published_first_is_told_and_the_release_goes_on() {
    let world = at_gate("ready");
    for pull in [1, 2] {
        let path = format!("/repos/{FORK}/pulls/{pull}");
        assert_eq!(somebody(&world, "PATCH", &path, "{\"state\":\"closed\"}"), 200);
    }
    let advisory = format!("/repos/{GAUGE}/security-advisories/GHSA-3g8f-wv5j-m2cx");
    assert_eq!(somebody(&world, "PATCH", &advisory, "{\"state\":\"published\"}"), 200);
    let told = resumed(&world, 11);
    assert!(told.contains("GHSA-3g8f-wv5j-m2cx is published already"), "{told}");
    let next = status(&world);
    assert!(next.lines().any(|line| line.trim().starts_with("lockgate disclose-now")), "{next}");
    let path = world.path();
    let shown = run(["disclose-now", "--dir", path.to_str().unwrap()]);
    expect(&shown, 10);
    let digest = said(&shown);
    let digest = digest.split("--digest ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let now = ["disclose-now", "--as", "mara", "--reason", "it is out", "--digest", &digest, "--dir"];
    expect(&run(now.into_iter().chain([path.to_str().unwrap()])), 0);
    resumed(&world, 10);
    assert!(question(&world, "ready").contains("is published already"), "{}", question(&world, "ready"));
    carried_to_the_end(&world);
    let log = said(&run(["log".as_ref(), path.as_os_str()]));
    let found = log.lines().find(|line| line.contains("publish-advisory/")).unwrap();
    assert!(found.contains("(found there)"), "{found}");
}

#[test]
fn rd_18_nothing_is_said_in_comments_and_private_pull_requests_say_it_themselves() {
    let world = at_gate("release-day");
    let pull = world.ask("conflict", &format!("/repos/{FORK}/pulls/1"));
    assert!(!pull["body"].as_str().unwrap().trim().is_empty(), "{pull}");
    carried_to_the_end(&world);
    let requests = world.requests();
    assert!(requests.len() > 30 && !requests.iter().any(|(_, path, _)| path.contains("/comments")));
}

#[test]
fn rd_21_no_entry_for_a_database_is_there_before_the_advisory_is_public() {
    let world = World::new();
    go_to_gate(&world, "release-day");
    assert!(!world.path().join("entries").exists());
    let told = said(&run(["report".as_ref(), world.path().as_os_str()]));
    assert!(!told.contains("RustSec"), "{told}");
    let plan = run(["plan".as_ref(), fixture("demo").as_os_str(), "--format".as_ref(), "json".as_ref()]);
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let needs = |name: &str| {
        let step = steps.iter().find(|step| step["name"] == name).unwrap();
        step["after"].as_array().unwrap().clone()
    };
    // Whatever is written rests on what was published.
    let mut open = needs("write-entries/GHSA-4wx7-c2fg-q8rm");
    let mut before = Vec::new();
    while let Some(step) = open.pop() {
        let name = step.as_str().unwrap().to_owned();
        if !before.contains(&name) {
            open.extend(needs(&name));
            before.push(name);
        }
    }
    assert!(before.contains(&"publish-advisory/GHSA-4wx7-c2fg-q8rm".to_owned()), "{before:?}");
}

/// Fixes of a repository are merged one line after the other. One that is refused holds up no other line, and every release of the
/// repository, with what carries it.
#[test]
fn rd_25_one_merge_that_is_refused_aborts_nothing_and_holds_what_needs_it() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    let scenario = folder.path().join("chaos.toml");
    let refused = "[[faults]]\nmethod = \"PUT\"\npath = \"/brightwater/sluice/pulls/.*/merge$\"\nafter = 2\nstatus = 405\ntimes = 1\n";
    std::fs::write(&scenario, refused).unwrap();
    let told = rehearse_with(&world, &fixture("demo"), &scenario, 11);
    let held = format!("merge-patch/{SLUICE}/");
    let line = told.lines().find_map(|line| line.strip_prefix(&held)?.strip_suffix(" asks:"));
    let line = line.unwrap_or_else(|| panic!("no merge is put to people:\n{told}")).to_owned();
    let so_far = report(&world);
    let targets = so_far["targets"].as_array().unwrap();
    let merged = |target: &&Value| !target["patch"]["merged"].is_null();
    let of_sluice = targets.iter().filter(|target| target["repo"] == SLUICE && merged(target));
    let all = targets.iter().filter(|target| target["repo"] == SLUICE).count();
    assert_eq!(of_sluice.clone().count(), all - 1, "every other line is merged: {so_far:#}");
    assert!(of_sluice.clone().all(|target| target["branch"] != line.as_str()), "{so_far:#}");
    for target in targets {
        assert!(target["released"].is_null(), "released although a line lacks its fix: {target}");
        assert!(target["repo"] == SLUICE || !merged(&target), "merged before what it carries: {target}");
    }
    assert!(so_far["advisories"].as_array().unwrap().iter().all(|one| one["published"].is_null()));
    let tried = |world: &World| {
        let requests = world.requests();
        let merges = requests.into_iter().filter(|(how, path, _)| how == "PUT" && path.ends_with("/merge"));
        merges.filter(|(_, _, status)| *status == 405).count()
    };
    assert_eq!(tried(&world), 1, "a refusal is for people, and not tried again");
    rehearse_with(&world, &fixture("demo"), &calm(folder.path()), 0);
    assert!(is_public(&world));
}

#[test]
fn graphql_that_says_nothing_is_given_up_and_asked_again() {
    let (folder, world) =
        with_scenario("[[faults]]\nmethod = \"POST\"\npath = \"graphql$\"\nanswer = \"silent\"\ntimes = 2\n");
    edit(
        folder.path(),
        "world.toml",
        "required_checks = [\"test\"]",
        "required_checks = [\"test\"]\nkind = \"ruleset\"\nmerge_queue = true\nqueue_method = \"squash\"",
    );
    rehearse_with(&world, folder.path(), &folder.path().join("chaos.toml"), 0);
    assert!(world.requests().iter().any(|(_, path, _)| path.ends_with("graphql")));
}
