//! The embargo breaks while a release is prepared: it goes on at once.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::amend::{finish, taking_in};
use crate::gate::go_to_gate_of;
use crate::support::{World, expect, run, said, without_the_conflict};

/// The release was announced for this hour.
const ANNOUNCED: &str = "2026-03-06T15:00:00Z";
/// What is told of the notice.
const WHY: &str = "a distribution published the fix";

/// From the notice to the first merge: an approval of the patches, one of the day, and the checks of one pull request.
const SOON: SignedDuration = SignedDuration::from_mins(15);

fn events(out: &str) -> Vec<Value> {
    let log = run(["log", out, "--json"]);
    expect(&log, 0);
    let answer: Value = serde_json::from_slice(&log.stdout).unwrap();
    answer["result"].as_array().unwrap().clone()
}

/// When the first event of which this is true happened.
fn when(events: &[Value], is: impl Fn(&Value) -> bool) -> Timestamp {
    let event = events.iter().find(|event| is(&event["record"])).unwrap();
    event["at"].as_str().unwrap().parse().unwrap()
}

/// A release whose patches wait for their approval, days before the announced hour.
fn waiting() -> (tempfile::TempDir, World, String) {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::new());
    without_the_conflict(folder.path());
    go_to_gate_of(&world, folder.path(), "ready");
    let out = world.path().to_str().unwrap().to_owned();
    (folder, world, out)
}

#[test]
fn embargo_that_broke_is_over_at_once_and_the_first_fix_is_merged_within_minutes() {
    let (_folder, world, out) = waiting();
    let shown = run(["disclose-now", &out]);
    expect(&shown, 10);
    let told = said(&shown);
    for words in
        [ANNOUNCED, "until the first fix is public", "gate/ready: people", "gate/release-day: people"]
    {
        assert!(told.contains(words), "`{words}` is not said:\n{told}");
    }
    assert!(!told.contains("  advance-mail\n"), "nothing is announced any more:\n{told}");
    let release = world.path().join("inputs/release.toml");
    assert!(std::fs::read_to_string(&release).unwrap().contains(ANNOUNCED), "looking changes nothing");

    let words = taking_in(&told).split(' ').skip(1);
    let words: Vec<&str> = words.map(|word| if word == "WHY" { WHY } else { word }).collect();
    expect(&run(words), 0);
    let status = run(["status", &out]);
    assert!(!said(&status).contains("lockgate approve"), "what it shows was shown before: {}", said(&status));
    let again = run(["disclose-now", &out]);
    expect(&again, 2);
    assert!(said(&again).contains("has come"), "{}", said(&again));

    finish(&world);
    let events = events(&out);
    let notice = when(&events, |record| record["fact"] == "amended");
    let merged = when(&events, |record| {
        record["fact"] == "done"
            && record["step"].as_str().is_some_and(|step| step.starts_with("merge-patch/"))
    });
    let took = merged.duration_since(notice);
    println!("from the notice to the first merge: {took:#}");
    assert!(took < SOON, "{took:#}");
    assert_eq!(world.mails().into_keys().collect::<Vec<_>>(), ["release.eml"]);
    let report = world.report();
    assert_eq!(report["disclosure"], notice.to_string(), "{report}");
    assert_eq!(report["announced"], ANNOUNCED);
    assert_eq!(report["amendments"][0]["reason"], WHY);
    let told = said(&run(["report", &out]));
    assert!(told.contains(&format!("announced        {ANNOUNCED}")), "{told}");
    assert!(told.contains("embargo broken") && told.contains(WHY), "{told}");
    let status = said(&run(["status", &out]));
    assert!(status.contains("public since") && !status.contains("becomes public"), "{status}");
    let log = said(&run(["log", &out]));
    assert!(log.contains(&format!("THE EMBARGO IS BROKEN: {WHY}")), "{log}");
    let late = run(["disclose-now", &out]);
    expect(&late, 2);
    assert!(said(&late).contains("the release is finished"), "{}", said(&late));
}

#[test]
fn embargo_is_ended_by_people_of_the_release_for_what_they_have_read_and_for_a_reason() {
    let (_folder, world, out) = waiting();
    let reason = ["--reason", WHY];
    for (arguments, told) in [
        (vec!["--as", "mara"], "--reason"),
        (vec!["--reason", WHY], "--as"),
        (vec!["--at", "2026-03-05T00:00:00Z"], "is to come"),
        (vec!["--at", "2026-03-01T00:00:00Z"], "before the run was started"),
        ([vec!["--as", "mallory"], reason.to_vec()].concat(), "is not among the people of this release"),
        (
            [vec!["--as", "mara", "--digest", "0123456789"], reason.to_vec()].concat(),
            "you have read `0123456789`",
        ),
    ] {
        let refused = run([vec!["disclose-now", out.as_str()], arguments].concat());
        expect(&refused, 2);
        assert!(said(&refused).contains(told), "{}", said(&refused));
        // What was read of another hour is shown by this command, and not by the one for changed files.
        let sends_on = said(&refused).contains("to read what it is now: `lockgate disclose-now");
        assert_eq!(sends_on, told.starts_with("you have read"), "{}", said(&refused));
    }
    let release = std::fs::read_to_string(world.path().join("inputs/release.toml")).unwrap();
    assert!(release.contains(ANNOUNCED), "{release}");
    assert_eq!(events(&out).iter().filter(|event| event["record"]["fact"] == "amended").count(), 0);
}
