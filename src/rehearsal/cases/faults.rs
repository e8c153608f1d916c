//! Each kind of fault on each request that a release makes, one by one: it is ridden out, or the run stops, says why, and
//! ends in the same world once it is resumed. Anything else is a mistake of ours.
//!
//! A few in every run of the tests; all of them with `LOCKGATE_FAULTS=all`, of the first and of a middle call.

use std::collections::BTreeMap;

use super::crashes::{asked, names_ways};
use super::outcome::{difference, outcome, requests};
use super::stage::{Empty, Stage};
use crate::rehearsal::Scenario;
use crate::run::StopReason;

/// How many cases are tried in every run of the tests.
const SAMPLE: usize = 8;

/// What goes wrong with an API, git or a registry.
const FAULTS: [(&str, &str); 12] = [
    ("500 before", "status = 500"),
    ("502 after", "status = 502\neffect = 'after'"),
    ("cut before", "answer = 'cut'"),
    ("cut after", "answer = 'cut'\neffect = 'after'"),
    ("half an answer, then cut", "answer = 'partial'"),
    ("half an answer as if whole", "answer = 'malformed'"),
    ("a page for people", "status = 200\nbody = '<!DOCTYPE html><title>Sign in</title>'"),
    ("401", "status = 401"),
    ("403 without a time", "status = 403"),
    ("429 with a time", "status = 429\nheaders = { retry-after = '120' }"),
    ("429 for years", "status = 429\nheaders = { retry-after = '99999999' }"),
    ("stale reads", "answer = 'stale'\ntimes = 30"),
];

/// What goes wrong with mail.
const MAIL: [(&str, &str); 5] = [
    ("put off", "status = 451\ntimes = 2"),
    ("refused", "status = 550"),
    ("cut before", "answer = 'cut'"),
    ("cut after", "answer = 'cut'\neffect = 'after'"),
    ("accepted and dropped", "status = 250"),
];

#[derive(Debug)]
struct Case {
    told: String,
    scenario: String,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    RodeOut,
    AfterResuming,
    Asked,
    Wrong(String),
}

fn case(wire: &str, method: Option<&str>, path: &str, after: usize, fault: &(&str, &str)) -> Case {
    let verb = method.map(|method| format!("method = '{method}'\n")).unwrap_or_default();
    Case {
        told: format!("{wire} {} {path}, call {}: {}", method.unwrap_or("any"), after + 1, fault.0),
        scenario: format!(
            "[[faults]]\nwire = '{wire}'\n{verb}path = '{path}'\nafter = {after}\n{}\n",
            fault.1
        ),
    }
}

/// A path with what differs from run to run left open.
fn pattern(path: &str) -> String {
    let part = |part: &str| {
        let is_id = part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match (is_id, is_number) {
            (true, _) => "[0-9a-f]{40}".to_owned(),
            (_, true) => r"\d+".to_owned(),
            _ => regex::escape(part),
        }
    };
    format!(r"^{}(\?|$)", path.split('/').map(part).collect::<Vec<_>>().join("/"))
}

fn cases(stage: &Stage, middle: bool) -> Vec<Case> {
    let mut calls: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (method, path, _) in requests(&stage.out()) {
        *calls.entry((method, pattern(&path))).or_default() += 1;
    }
    let git = [
        ("GET", r"service=git-upload-pack"),
        ("POST", "git-upload-pack$"),
        ("GET", "service=git-receive-pack"),
        ("POST", "git-receive-pack$"),
    ];
    let mut cases = Vec::new();
    for fault in &FAULTS {
        for ((method, path), count) in &calls {
            if fault.0 == "stale reads" && method != "GET" {
                continue;
            }
            cases.push(case("api", Some(method), path, 0, fault));
            if middle && *count > 2 {
                cases.push(case("api", Some(method), path, count / 2, fault));
            }
        }
        // Each is asked for twice: git sends no token before it is asked for one.
        for (method, path) in git.iter().filter(|_| fault.0 != "stale reads") {
            cases.push(case("git", Some(method), path, 1, fault));
        }
    }
    cases.extend(MAIL.iter().map(|fault| case("mail", None, "release", 0, fault)));
    cases
}

fn scenario(text: &str) -> Scenario {
    toml::from_str(text).unwrap()
}

async fn tried(case: &Case) -> Ending {
    let stage = Stage::small();
    let calm_is_resumed = scenario("");
    match stage.rehearse_in(Some(scenario(&case.scenario)), &Empty).await {
        Ok(StopReason::Finished) => compared(&stage, Ending::RodeOut),
        Ok(_) => {
            let told = asked(&stage);
            for _ in 0..2 {
                match stage.rehearse_in(Some(calm_is_resumed.clone()), &Empty).await {
                    Ok(StopReason::Finished) => return compared(&stage, Ending::AfterResuming),
                    Ok(_) => {}
                    Err(error) => return Ending::Wrong(format!("{error}: {told}")),
                }
            }
            if names_ways(&stage) { Ending::Asked } else { Ending::Wrong(asked(&stage)) }
        }
        // A start that fails leaves no run: the same command begins it again.
        Err(_) => match stage.rehearse_in(Some(calm_is_resumed), &Empty).await {
            Ok(StopReason::Finished) => compared(&stage, Ending::AfterResuming),
            other => Ending::Wrong(format!("{other:?}, {}", asked(&stage))),
        },
    }
}

fn compared(stage: &Stage, good: Ending) -> Ending {
    let difference = difference(&Stage::calm_small(), &outcome(&stage.out()));
    if difference.is_empty() { good } else { Ending::Wrong(format!("another world\n{difference}")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_on_each_request_is_ridden_out_or_stops_the_run_until_it_is_resumed() {
    crate::tls::install_tls();
    let all = std::env::var_os("LOCKGATE_FAULTS").is_some();
    let stage = Stage::small();
    stage.events().await;
    Stage::keep_calm_small(outcome(&stage.out()));
    let cases = cases(&stage, all);
    let every = if all { 1 } else { cases.len() / SAMPLE };
    let (mut counts, mut wrong) = (BTreeMap::<String, usize>::new(), Vec::new());
    for case in cases.iter().skip(every / 2).step_by(every) {
        let ending = tried(case).await;
        let kind = if let Ending::Wrong(_) = &ending { "wrong".to_owned() } else { format!("{ending:?}") };
        *counts.entry(kind).or_default() += 1;
        if let Ending::Wrong(why) = ending {
            wrong.push(format!("{}: {why}", case.told));
        }
        if all {
            let text = format!("{counts:?} of {}\n{}\n", cases.len(), wrong.join("\n"));
            std::fs::write(std::env::temp_dir().join("lockgate-faults"), text).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{counts:?}\n{}", wrong.join("\n"));
}
