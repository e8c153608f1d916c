//! A service that fails while a release is merged: what passes is waited for, what lasts is said, and nothing is done
//! twice.

use std::path::Path;

use serde_json::Value;

use crate::support::{World, copy, expect, fixture, run, said};

/// The fixture of the conflict without the line that conflicts, in a world where merging goes wrong in this way.
fn release(folder: &Path, fault: &str) {
    release_with(folder, "PUT", r"/pulls/\d+/merge$", fault);
}

/// The same with another request that goes wrong.
fn release_with(folder: &Path, method: &str, requests: &str, fault: &str) {
    copy(&fixture("conflict"), folder);
    let catalog = folder.join("catalog.toml");
    let text = std::fs::read_to_string(&catalog).unwrap();
    std::fs::write(&catalog, text.replace("\"release/1.x\", ", "")).unwrap();
    let world = folder.join("world.toml");
    let text = std::fs::read_to_string(&world).unwrap();
    let fault = format!("[[faults]]\nmethod = \"{method}\"\npath = '{requests}'\n{fault}\n");
    // Repositories and advisories are tables of their own, so the end of the file is no part of one.
    std::fs::write(&world, format!("{text}\n{fault}")).unwrap();
}

/// Rehearses it, or continues the rehearsal that is kept, and gives what it says.
#[track_caller]
fn rehearse(world: &World, folder: &Path, code: i32) -> String {
    let output = run(["rehearse".as_ref(), folder.as_os_str(), "--keep".as_ref(), world.path().as_os_str()]);
    expect(&output, code);
    said(&output)
}

fn status(world: &World) -> String {
    said(&run(["status".as_ref(), world.path().as_os_str()]))
}

/// The answers to requests to merge, in order.
fn merges(world: &World) -> Vec<u64> {
    let requests = world.requests();
    let merges = requests.iter().filter(|(method, path, _)| method == "PUT" && path.ends_with("/merge"));
    merges.map(|(_, _, status)| *status).collect()
}

/// The failures in the journal: the pause before the attempt that follows, or that none follows.
fn failures(world: &World) -> Vec<Option<i64>> {
    let output = run(["log".as_ref(), world.path().as_os_str(), "--json".as_ref()]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let events = answer["result"].as_array().unwrap().iter();
    events
        .filter(|event| event["record"]["fact"] == "failed")
        .map(|event| {
            let at = event["record"]["retry"].get("at")?;
            Some(time(at).duration_since(time(&event["at"])).as_secs())
        })
        .collect()
}

/// After how many lists of references lists are old: right before the first merge, and before the bump.
const STALE_LISTS: [u32; 2] = [9, 12];

/// What GitHub says of a pull request whose head it does not see yet, with and without naming the head.
const NOTHING_BETWEEN: [&str; 2] = [
    r#"{"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"missing_field","field":"head_sha"},{"resource":"PullRequest","code":"custom","message":"No commits between main and fix"}]}"#,
    r#"{"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"custom","message":"No commits between main and fix"}]}"#,
];

#[test]
fn nothing_between_two_branches_is_not_believed_while_the_stack_has_commits() {
    for body in NOTHING_BETWEEN {
        let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
        let fault = format!("status = 422\ntimes = 3\nbody = '{body}'");
        release_with(folder.path(), "POST", "/pulls$", &fault);
        rehearse(&world, folder.path(), 0);
        let requests = world.requests();
        let opened = requests.iter().filter(|(method, path, _)| method == "POST" && path.ends_with("/pulls"));
        assert_eq!(opened.clone().filter(|(_, _, status)| *status == 422).count(), 3);
        assert!(opened.clone().filter(|(_, _, status)| *status == 201).count() > 1);
        assert!(!merges(&world).is_empty(), "the fix was merged");
    }
}

#[test]
fn en_08_a_merge_that_meets_502_twice_goes_through_after_growing_pauses() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), "status = 502\ntimes = 2");
    let told = rehearse(&world, folder.path(), 0);
    assert!(told.contains("it may have happened all the same; attempt 2 of 4 at "), "{told}");
    assert_eq!(failures(&world), [Some(15), Some(60)]);
    assert_eq!(merges(&world)[..3], [502, 502, 200]);
}

#[test]
fn en_08_a_merge_whose_answer_was_lost_is_found_and_not_repeated() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), "status = 502\neffect = \"after\"");
    rehearse(&world, folder.path(), 0);
    assert_eq!(failures(&world), [Some(15)]);
    let merged = merges(&world).len();
    let pulls = world.git("brightwater/gauge", &["for-each-ref", "--format=%(refname)", "refs/pull/*/head"]);
    assert_eq!(merged, pulls.lines().count(), "each pull request was merged by one request:\n{pulls}");
}

#[test]
fn a_merge_that_meets_502_for_ever_ends_with_what_is_safe_and_what_continues() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), "status = 502\ntimes = 4");
    let told = rehearse(&world, folder.path(), 20);
    // The other branch is merged all the same.
    assert_eq!(merges(&world), [502, 502, 502, 502, 200]);
    assert_eq!(failures(&world), [Some(15), Some(60), Some(240), None]);
    for told in [told, status(&world)] {
        for words in [
            "failed 4 times in a row",
            "GitHub failed with status 502",
            "it may have happened all the same: `resume` looks before it does it again",
            "hint: wait until GitHub answers again",
            &format!("lockgate resume --dir {}", world.path().display()),
        ] {
            assert!(told.contains(words), "`{words}` is not said:\n{told}");
        }
    }
    // The hint is true: GitHub answers again, and the run is continued to its end.
    rehearse(&world, folder.path(), 0);
    assert_eq!(merges(&world)[5], 200);
}

#[test]
fn a_token_that_is_refused_stops_at_once() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), "status = 401");
    let told = rehearse(&world, folder.path(), 20);
    assert_eq!(merges(&world), [401, 200], "it is not tried again, and the other branch is");
    assert_eq!(failures(&world), [None]);
    assert!(told.contains("GitHub does not accept the token") && told.contains("GH_TOKEN"), "{told}");
    assert!(!told.contains("may have happened"), "{told}");
    rehearse(&world, folder.path(), 0);
}

/// Killed in the pause before the second attempt: `status` shows what is waited for, and the count is kept (EN-03).
#[test]
fn en_03_a_pause_between_attempts_is_seen_from_outside_and_survives_a_kill() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), "status = 502\ntimes = 4");
    rehearse(&world, folder.path(), 20);
    let journal = rusqlite::Connection::open(world.path().join("journal.db")).unwrap();
    let first = "SELECT min(number) FROM event WHERE json LIKE '%\"fact\":\"failed\"%'";
    let first: i64 = journal.query_row(first, [], |row| row.get(0)).unwrap();
    journal.execute("DELETE FROM event WHERE number > ?1", [first]).unwrap();
    drop(journal);
    std::fs::remove_file(world.path().join("journal.last")).unwrap();
    let told = status(&world);
    assert!(
        told.contains("waits for attempt 2 of 4, in 15 s") && told.contains("it may have happened"),
        "{told}"
    );
    // Four requests were answered with 502 already, so this one goes through as the second attempt.
    let told = rehearse(&world, folder.path(), 0);
    assert!(!told.contains("attempt 3 of 4"), "{told}");
    assert_eq!(merges(&world)[..5], [502, 502, 502, 502, 200]);
}

/// A proxy's page for people is no answer, whatever its status, and neither is nothing: the CVE is requested all the same, and the
/// release dispatched.
#[test]
fn a_page_or_nothing_with_status_200_is_not_taken_for_what_was_asked_for() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    let page = "status = 200\ntimes = 2\nbody = '<!DOCTYPE html><title>Sign in</title>'\n";
    let nothing = "\n[[faults]]\nmethod = 'POST'\npath = '/dispatches$'\nstatus = 200\nbody = ''\n";
    let faults = format!("{page}{nothing}");
    release_with(folder.path(), "POST", "/cve$", &faults);
    for (file, from, to) in [
        ("release.toml", "cve = \"none\"", "cve = \"request\""),
        ("world.toml", "[[users]]", "[cve]\ndelay = \"1h\"\nnumbers = [\"CVE-2026-90499\"]\n\n[[users]]"),
    ] {
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    }
    let told = rehearse(&world, folder.path(), 0);
    assert!(told.contains("a page for people came with status 200"), "{told}");
    assert!(told.contains("nothing came with status 200"), "{told}");
    let requests = world.requests();
    let asked = |of: &str| {
        let asked = requests.iter().filter(|(method, path, _)| method == "POST" && path.ends_with(of));
        asked.map(|(_, _, status)| *status).collect::<Vec<_>>()
    };
    assert_eq!(asked("/cve"), [200, 200, 202]);
    assert_eq!(asked("/dispatches").len(), 2, "{told}");
    assert_eq!(world.report()["advisories"][0]["cve"], "CVE-2026-90499");
}

/// A scenario beside the release, and its path.
fn scenario(folder: &Path, text: &str) -> std::path::PathBuf {
    let path = folder.join("chaos.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// Rehearses with a scenario.
#[track_caller]
fn rehearse_in(world: &World, folder: &Path, scenario: &Path, gates: &[&str], code: i32) -> String {
    let out = world.path();
    let paths = [folder, Path::new("--keep"), &out, Path::new("--scenario"), scenario];
    let words = std::iter::once("rehearse").chain(gates.iter().copied()).map(Path::new);
    let output = run(words.chain(paths));
    expect(&output, code);
    said(&output)
}

#[test]
fn a_scenario_strikes_every_wire_and_nothing_is_done_twice() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    crate::support::without_the_conflict(folder.path());
    let chaos = scenario(
        folder.path(),
        "[[faults]]\nwire = 'git'\nmethod = 'POST'\npath = 'git-receive-pack$'\nanswer = 'cut'\neffect = 'after'\n\n\
         [[faults]]\nmethod = 'POST'\npath = '/pulls$'\nanswer = 'partial'\n\n\
         [[faults]]\nmethod = 'PUT'\npath = '/merge$'\nanswer = 'malformed'\n\n\
         [[faults]]\nmethod = 'GET'\npath = '/pulls/'\nanswer = 'stale'\nafter = 3\ntimes = 2\n\n\
         [[faults]]\nwire = 'mail'\npath = 'release'\nstatus = 451\n",
    );
    let told = rehearse_in(&world, folder.path(), &chaos, &[], 0);
    assert!(told.contains("it may have happened all the same"), "{told}");
    assert!(told.contains("451"), "the mail was put off: {told}");
    assert!(failures(&world).len() >= 3, "{told}");
    let pulls = world.git("brightwater/gauge", &["for-each-ref", "--format=%(refname)", "refs/pull/*/head"]);
    assert_eq!(merges(&world), vec![200; pulls.lines().count()], "{told}");
    assert_eq!(world.mails().into_keys().collect::<Vec<_>>(), ["advance.eml", "release.eml"]);
}

/// The label "latest" was moved to the version with the fault once, by a list of before the release.
#[test]
fn a_list_that_is_old_and_one_that_is_none_change_nothing() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    crate::support::copy(&fixture("python-towncrier"), folder.path());
    let chaos = scenario(
        folder.path(),
        "[[faults]]\nmethod = 'GET'\npath = '/releases\\?per_page'\nafter = 5\ntimes = 4\nanswer = 'stale'\n\n\
         [[faults]]\nwire = 'git'\nmethod = 'GET'\npath = 'info/refs.*upload-pack'\nafter = 16\ntimes = 2\nstatus = 200\nbody = ''\n",
    );
    let told = rehearse_in(&world, folder.path(), &chaos, &[], 0);
    assert!(told.contains("did not answer as a git server does"), "{told}");
    assert!(told.contains("v2.3.1 has the label"), "{told}");
    assert!(!told.contains("v2.3.0 was given the label"), "{told}");
}

/// What GitHub's interface says, git's own lists may lack for a while, and the other way round.
#[test]
fn a_merge_that_git_does_not_list_yet_is_waited_for_and_nothing_is_called_damaged() {
    let told_by = |after: u32| {
        let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
        crate::support::without_the_conflict(folder.path());
        let stale = format!(
            "[[faults]]\nwire = 'git'\npath = 'brightwater/gauge.git/git-upload-pack$'\nanswer = 'stale'\nafter = {after}\n\
             times = 3\n"
        );
        let chaos = scenario(folder.path(), &stale);
        let told = rehearse_in(&world, folder.path(), &chaos, &[], 0);
        assert!(!told.contains("damaged") && failures(&world).is_empty(), "after {after}: {told}");
        told
    };
    let told: Vec<String> = STALE_LISTS.into_iter().map(told_by).collect();
    assert!(told.iter().any(|told| told.contains("git to show")), "{told:?}");
}

#[test]
fn a_merge_whose_answer_is_lost_and_that_is_shown_late_is_ours() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    crate::support::without_the_conflict(folder.path());
    let chaos = scenario(
        folder.path(),
        "[[faults]]\nmethod = 'PUT'\npath = '/merge$'\nanswer = 'cut'\neffect = 'after'\n\n\
         [[faults]]\nmethod = 'GET'\npath = '/pulls/\\d+$'\nanswer = 'stale'\nafter = 1\ntimes = 12\n",
    );
    let told = rehearse_in(&world, folder.path(), &chaos, &[], 0);
    assert!(told.contains("as merged: `main` holds its commits already"), "{told}");
    assert!(!told.contains("nothing was merged"), "{told}");
}

#[test]
fn a_pull_request_whose_answer_is_lost_and_that_is_listed_late_is_waited_for() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    crate::support::without_the_conflict(folder.path());
    let chaos = scenario(
        folder.path(),
        "[[faults]]\nmethod = 'POST'\npath = '/gauge/pulls$'\nanswer = 'cut'\neffect = 'after'\n\n\
         [[faults]]\nmethod = 'GET'\npath = '/pulls\\?'\nanswer = 'stale'\ntimes = 40\n",
    );
    let told = rehearse_in(&world, folder.path(), &chaos, &[], 0);
    assert!(told.contains("GitHub to list the pull request of"), "{told}");
    // The answer that was lost; nothing gave up.
    assert_eq!(failures(&world).len(), 1, "{told}");
}

/// An advisory that reads as it was before it was written lacks nothing that a file could state.
#[test]
fn an_advisory_that_reads_as_before_it_was_written_is_waited_for() {
    for (times, code) in [(20, 0), (9_000, 11)] {
        let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
        crate::support::without_the_conflict(folder.path());
        let stale = format!(
            "[[faults]]\nmethod = 'GET'\npath = '/security-advisories/[^/]*$'\nanswer = 'stale'\nafter = 7\ntimes = {times}\n"
        );
        let chaos = scenario(folder.path(), &stale);
        let told = rehearse_in(&world, folder.path(), &chaos, &[], code);
        assert!(told.contains("GitHub to show what was written into"), "{told}");
        assert!(!told.contains("release.toml, then"), "{told}");
        let status = status(&world).split_whitespace().collect::<Vec<_>>().join(" ");
        let is_said = status.contains("was written, and GitHub does not show it: it has no description");
        assert_eq!(is_said, code == 11, "{status}");
    }
}

#[test]
fn rd_19_a_mail_whose_answer_was_lost_is_asked_about_and_sent_once() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    crate::support::without_the_conflict(folder.path());
    let chaos = scenario(
        folder.path(),
        "[[faults]]\nwire = 'mail'\npath = 'release'\nanswer = 'cut'\neffect = 'after'\n",
    );
    let mut told = rehearse_in(&world, folder.path(), &chaos, &["--ask"], 10);
    let out = world.path();
    for _ in 0..12 {
        if told.contains("--send-again") {
            break;
        }
        for command in crate::support::next_commands(&told) {
            let words: Vec<&str> =
                command.split_whitespace().skip(1).filter(|word| *word != "lockgate").collect();
            run(&words);
        }
        told = said(&run(["resume".as_ref(), out.as_os_str()]));
    }
    assert!(told.contains("confirm release-mail") && told.contains("--send-again"), "{told}");
    let dir = out.to_str().unwrap();
    expect(&run(["confirm", "release-mail", "--sent", "--as", "mara", "--dir", dir]), 0);
    rehearse(&world, folder.path(), 0);
    assert_eq!(world.mails().into_keys().collect::<Vec<_>>(), ["advance.eml", "release.eml"]);
}

#[test]
fn a_scenario_that_cannot_be_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    crate::support::without_the_conflict(folder.path());
    for (text, told) in [
        ("[[faults]]\npath = '/x'\n", "needs a `status` from 200 to 599"),
        ("[[faults]]\npath = '/x'\nstatus = 42\n", "599"),
        ("[[faults]]\npath = '['\nstatus = 500\n", "is not a regular expression"),
        ("[[faults]]\npath = '/x'\nanswer = 'slow'\n", "slow"),
        ("[[faults]]\npath = '/x'\nmethod = 'PUT'\nanswer = 'stale'\n", "only reads"),
        ("[[fault]]\n", "fault"),
    ] {
        let chaos = scenario(folder.path(), text);
        let output =
            run(["rehearse".as_ref(), folder.path().as_os_str(), "--scenario".as_ref(), chaos.as_os_str()]);
        expect(&output, 2);
        let said = said(&output);
        assert!(said.contains(told) && said.contains("chaos.toml:"), "{said}");
        assert!(told == "599" || said.contains("hint:"), "{said}");
    }
}

/// A limit that ends in three years is for people: what it says is told, and nobody waits.
#[test]
fn a_service_that_wants_to_be_left_alone_for_years_is_told_to_people() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    release(folder.path(), "status = 429\nheaders = { retry-after = '99999999' }");
    let told = rehearse(&world, folder.path(), 20);
    assert!(told.contains("GitHub asks to slow down") && told.contains("hint:"), "{told}");
    rehearse(&world, folder.path(), 0);
}

#[test]
fn a_private_fork_that_github_refuses_is_asked_about_in_githubs_words_and_not_tried_again() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    let demo = folder.path().join("demo");
    copy(&fixture("demo"), &demo);
    let refusing = scenario(
        folder.path(),
        "[[faults]]\nmethod = \"POST\"\npath = \"/security-advisories/.*/forks$\"\nstatus = 403\ntimes = 99\n\
         body = '{\"message\": \"Forking is disabled by your organization.\"}'\n",
    );
    let told = rehearse_in(&world, &demo, &refusing, &[], 11);
    for words in
        ["GitHub makes no temporary private fork for GHSA-", "Forking is disabled by your organization."]
    {
        assert!(told.contains(words), "`{words}` is not said:\n{told}");
    }
    let forks = |world: &World| {
        let all = world.requests();
        all.iter().filter(|(method, path, _)| method == "POST" && path.ends_with("/forks")).count()
    };
    assert_eq!(forks(&world), 1, "it was asked for once");
    let status = run(["status".as_ref(), world.path().as_os_str()]);
    assert!(said(&status).contains("Forking is disabled by your organization."), "{}", said(&status));
    // Whoever resumes has it asked for once more, and is told the same.
    expect(&run(["resume".as_ref(), world.path().as_os_str()]), 11);
    assert_eq!(forks(&world), 2);
}
