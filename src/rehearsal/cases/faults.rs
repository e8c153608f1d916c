//! Each kind of fault on each request that a release makes, one by one: it is ridden out, or the run stops, says why, and
//! ends in the same world once it is resumed. Anything else is a mistake of ours.
//!
//! A release is rehearsed once and photographed on the way; a case begins with the last picture before the request that it
//! strikes. A few cases in every run of the tests; with `LOCKGATE_SEARCH=long` all of them, of the first and of a middle call.

use std::collections::BTreeMap;

use super::ending::driven;
use super::outcome::{Outcome, outcome, requests};
use super::search::{Tally, sampled};
use super::stage::{Stage, scenario};

/// How many cases are tried in every run of the tests.
const SAMPLE: usize = 10;

/// What goes wrong with a request over HTTP.
const FAULTS: [(&str, &str); 14] = [
    ("500 before", "status = 500"),
    ("502 after", "status = 502\neffect = 'after'"),
    ("cut before", "answer = 'cut'"),
    ("cut after", "answer = 'cut'\neffect = 'after'"),
    ("half an answer, then cut", "answer = 'partial'"),
    ("half an answer as if whole", "answer = 'malformed'"),
    ("a page for people", "status = 200\nbody = '<!DOCTYPE html><title>Sign in</title>'"),
    ("401", "status = 401"),
    ("403 without a time", "status = 403"),
    ("403 with a time", "status = 403\nheaders = { retry-after = '120' }"),
    ("404", "status = 404"),
    ("404 after", "status = 404\neffect = 'after'"),
    ("429 with a time", "status = 429\nheaders = { retry-after = '120' }"),
    ("429 for years", "status = 429\nheaders = { retry-after = '99999999' }"),
];

/// What goes wrong with reads of the API beside.
const STALE: (&str, &str) = ("stale reads", "answer = 'stale'\ntimes = 30");

/// The requests of git. Without a token none is carried out: git sends one once it is asked for it.
const GIT: [(&str, &str, usize); 4] = [
    ("GET", "service=git-upload-pack", 1),
    ("POST", "git-upload-pack$", 0),
    ("GET", "service=git-receive-pack", 1),
    ("POST", "git-receive-pack$", 0),
];

/// What goes wrong with mail.
const MAIL: [(&str, &str); 4] = [
    ("put off", "status = 451\ntimes = 2"),
    ("refused", "status = 550"),
    ("cut before", "answer = 'cut'"),
    ("cut after", "answer = 'cut'\neffect = 'after'"),
];

/// What nobody can know: the server says that it took the mail, and it is gone.
const DROPPED: (&str, &str) = ("accepted and dropped", "status = 250");

#[derive(Debug)]
struct FaultCase {
    told: String,
    fault: String,
    /// The picture with which it begins, if not with nothing.
    picture: Option<u64>,
}

/// A request that a calm release made.
#[derive(Debug)]
struct Call {
    method: String,
    pattern: String,
    /// Which call of its kind it is.
    turn: usize,
    picture: Option<u64>,
    /// How many of its kind come between the picture and it.
    after: usize,
}

impl Call {
    fn case(&self, fault: &(&str, &str)) -> FaultCase {
        let Call { method, pattern, turn, picture, after } = self;
        FaultCase {
            told: format!("api {method} {pattern}, call {}: {}", turn + 1, fault.0),
            fault: format!("method = '{method}'\npath = '{pattern}'\nafter = {after}\n{}", fault.1),
            picture: *picture,
        }
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

/// The first and a middle call of each kind.
fn calls(stage: &Stage) -> Vec<Call> {
    let pictures = stage.requests_by_picture();
    let mut kinds: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (number, (method, path, _)) in requests(&stage.out()).into_iter().enumerate() {
        kinds.entry((method, pattern(&path))).or_default().push(number);
    }
    let call = |kind: &(String, String), numbers: &[usize], turn: usize| {
        let before = pictures.iter().rev().find(|(_, requests)| *requests <= numbers[turn]);
        let from = before.map_or(0, |(_, requests)| *requests);
        let after = numbers[..turn].iter().filter(|number| **number >= from).count();
        let picture = before.map(|(picture, _)| *picture);
        Call { method: kind.0.clone(), pattern: kind.1.clone(), turn, picture, after }
    };
    let of_kind = |(kind, numbers): (&(String, String), &Vec<usize>)| {
        let middle = (numbers.len() > 2).then_some(numbers.len() / 2);
        std::iter::once(0).chain(middle).map(|turn| call(kind, numbers, turn)).collect::<Vec<_>>()
    };
    kinds.iter().flat_map(of_kind).collect()
}

/// Faults of git from the start and from the middle of the release.
fn cases_of_git(stage: &Stage) -> Vec<FaultCase> {
    let pictures = stage.requests_by_picture();
    let middle = pictures[pictures.len() / 2].0;
    let mut cases = Vec::new();
    for (name, fault) in FAULTS {
        for (method, path, after) in GIT {
            for picture in [None, Some(middle)] {
                cases.push(FaultCase {
                    told: format!("git {method} {path}, from {picture:?}: {name}"),
                    fault: format!(
                        "wire = 'git'\nmethod = '{method}'\npath = '{path}'\nafter = {after}\n{fault}"
                    ),
                    picture,
                });
            }
        }
    }
    cases
}

fn case_of_mail(kind: &str, fault: &(&str, &str)) -> FaultCase {
    FaultCase {
        told: format!("mail {kind}: {}", fault.0),
        fault: format!("wire = 'mail'\npath = '{kind}'\n{}", fault.1),
        picture: None,
    }
}

fn cases(stage: &Stage) -> Vec<FaultCase> {
    let calls = calls(stage);
    let of_api = FAULTS.iter().flat_map(|fault| calls.iter().map(|call| call.case(fault)));
    let reads = calls.iter().filter(|call| call.method == "GET").map(|call| call.case(&STALE));
    let of_mail = MAIL.iter().flat_map(|fault| ["advance", "release"].map(|kind| case_of_mail(kind, fault)));
    of_api.chain(reads).chain(cases_of_git(stage)).chain(of_mail).collect()
}

async fn tried(stage: &Stage, case: &FaultCase, calm: &Outcome, tally: &mut Tally) {
    match case.picture {
        Some(picture) => stage.put_back(picture, picture),
        None => stage.clear(),
    }
    tally.count(&case.told, driven(stage, scenario(&[&case.fault]), calm).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_on_each_request_is_ridden_out_or_stops_the_run_until_it_is_resumed() {
    crate::tls::install_tls();
    let stage = Stage::small().one_by_one();
    stage.photographed().await;
    let calm = outcome(&stage.out());
    let chosen = sampled(cases(&stage), SAMPLE);
    let mut tally = Tally::new("faults", chosen.len());
    for case in &chosen {
        tried(&stage, case, &calm, &mut tally).await;
    }
    tally.judge();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_accepted_and_dropped_is_missing_and_nothing_else_is() {
    crate::tls::install_tls();
    let stage = Stage::small();
    stage.calm().await;
    let mut calm = outcome(&stage.out());
    assert!(calm.remove("mail release.eml").is_some());
    let mut tally = Tally::new("dropped", 1);
    tried(&stage, &case_of_mail("release", &DROPPED), &calm, &mut tally).await;
    tally.judge();
}
