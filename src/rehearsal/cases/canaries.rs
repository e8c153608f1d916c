//! Canaries: what is embargoed in a release is looked for in everything that outsiders can see before the gate, after runs
//! that failed and were killed at random. The same search finds it on the private side, or it would find nothing anywhere.
//!
//! A few runs in every run of the tests; 200 with `LOCKGATE_SEARCH=long`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rusqlite::Connection;
use serde_json::Value;
use tokio::sync::Notify;

use super::outcome::{git, git_bytes, mails, repositories};
use super::search::wanted;
use super::stage::{Stage, linked, scenario};
use crate::control::{Home, Opened};
use crate::rehearsal::{Audience, News};
use crate::run::{Event, Notice, Reporter};

/// How many runs there are in every run of the tests, and in a long search.
const RUNS: (usize, usize) = (3, 200);
/// As often as a run is continued until it is at the gate.
const CONTINUED: usize = 4;
/// The gate that ends the embargo.
const GATE: &str = "gate/release-day";

/// What disturbs one run: the faults of each of its drives but the last, and the event after which each is killed.
#[derive(Debug, Clone)]
struct Disturbance {
    drives: Vec<(Vec<String>, u64)>,
}

fn disturbance() -> impl Strategy<Value = Disturbance> {
    let wires = prop_oneof![
        3 => Just(""),
        1 => Just("method = 'POST'\n"),
        1 => Just("method = 'PATCH'\n"),
        2 => Just("wire = 'git'\nmethod = 'POST'\n"),
        1 => Just("wire = 'git'\n"),
        1 => Just("wire = 'mail'\n"),
    ];
    let answers = prop_oneof![
        Just("status = 500"),
        Just("status = 502\neffect = 'after'"),
        Just("answer = 'cut'"),
        Just("answer = 'cut'\neffect = 'after'"),
        Just("answer = 'partial'"),
        Just("answer = 'malformed'"),
        Just("status = 429\nheaders = { retry-after = '120' }"),
    ];
    let fault = (wires, answers, 0..40u32, 1..4u32).prop_map(|(wire, answer, after, times)| {
        format!("{wire}path = ''\nafter = {after}\ntimes = {times}\n{answer}")
    });
    let drive = (proptest::collection::vec(fault, 0..4), 2..60u64);
    proptest::collection::vec(drive, 1..4).prop_map(|drives| Disturbance { drives })
}

/// The process is gone after so many events of a drive, and at the latest when the gate is passed: what is on disk then is
/// copied, and nothing that this process still does reaches the copy.
#[derive(Clone)]
struct Killer {
    out: PathBuf,
    copy: PathBuf,
    left: u64,
    killed: Arc<Notify>,
}

impl Audience for Killer {
    fn reporters(&self, _: &Opened) -> Vec<Box<dyn Reporter>> {
        vec![Box::new(self.clone())]
    }

    fn hear(&self, _: News) {}
}

impl Reporter for Killer {
    fn notice(&mut self, notice: &Notice) {
        let Notice::Recorded(event) = notice else { return };
        self.left = self.left.saturating_sub(1);
        if (self.left == 0 || passes_gate(&event.record)) && !self.copy.exists() {
            linked(&self.out, &self.copy);
            self.killed.notify_one();
        }
    }
}

fn passes_gate(event: &Event) -> bool {
    matches!(event, Event::Done { step, .. } if step.as_str() == GATE)
}

/// One drive, until it ends or is killed. Says whether the gate was passed.
async fn drive(stage: &mut Stage, faults: &[String], left: u64) -> bool {
    let killed = Arc::new(Notify::new());
    let killer = Killer { out: stage.out(), copy: stage.next_out(), left, killed: Arc::clone(&killed) };
    tokio::select! {
        _ = stage.rehearse_in(Some(scenario(faults)), &killer) => {}
        () = killed.notified() => {}
    }
    if killer.copy.exists() {
        stage.turn_to_next_out();
    }
    let opened = Home::rehearsal(&stage.out()).open();
    opened.is_ok_and(|opened| opened.events.iter().any(|event| passes_gate(&event.record)))
}

/// A release under way that was disturbed so, as it is when the gate is passed, or where it holds.
async fn disturbed(disturbance: &Disturbance) -> (Stage, bool) {
    let mut stage = Stage::small().one_by_one();
    for (faults, left) in &disturbance.drives {
        if drive(&mut stage, faults, *left).await {
            return (stage, true);
        }
    }
    for _ in 0..CONTINUED {
        if drive(&mut stage, &[], u64::MAX).await {
            return (stage, true);
        }
    }
    (stage, false)
}

/// Everything that one side shows: each with the place where it is, in small letters.
#[derive(Default)]
struct Side(Vec<(String, Vec<u8>)>);

impl Side {
    fn add(&mut self, place: impl Into<String>, mut text: Vec<u8>) {
        text.make_ascii_lowercase();
        self.0.push((place.into(), text));
    }

    /// Names of references, and every object, reachable or not.
    fn add_git(&mut self, repo: &Path) {
        let place = repo.display();
        self.add(format!("references of {place}"), git(repo, &["for-each-ref"]).into_bytes());
        let objects = ["cat-file", "--batch", "--batch-all-objects", "--unordered"];
        self.add(format!("objects of {place}"), git_bytes(repo, &objects));
    }

    fn places_of<'a>(&'a self, word: &'a str) -> impl Iterator<Item = &'a str> {
        let found = |text: &[u8]| text.windows(word.len()).any(|part| part == word.as_bytes());
        self.0.iter().filter(move |(_, text)| found(text)).map(|(place, _)| place.as_str())
    }
}

/// What outsiders see of a world, and what they must not see.
fn sides(out: &Path) -> (Side, Side) {
    let (mut public, mut private) = (Side::default(), Side::default());
    let documents = documents(out);
    let is_private = |repo: &str| {
        let is_this = |one: &&WorldDocument| one.kind == "repository" && one.key == repo;
        documents.iter().find(is_this).is_none_or(|document| document.body["visibility"] != "public")
    };
    for document in &documents {
        let repo = document.key.split(['#', '@', ' ']).next().unwrap_or_default();
        let side = match document.kind.as_str() {
            "account" | "facts" | "fault" => continue,
            "advisory" => &mut private,
            _ if is_private(repo) => &mut private,
            _ => &mut public,
        };
        side.add(format!("{} {}", document.kind, document.key), document.body.to_string().into_bytes());
    }
    for repo in repositories(&out.join("git")) {
        let name = repo.strip_prefix(out.join("git")).unwrap().with_extension("");
        let side = if is_private(name.to_str().unwrap()) { &mut private } else { &mut public };
        side.add_git(&repo);
    }
    mails(out).into_iter().for_each(|(name, text)| public.add(name, text.into_bytes()));
    (public, private)
}

/// Something that the emulated GitHub knows.
struct WorldDocument {
    kind: String,
    key: String,
    body: Value,
}

fn documents(out: &Path) -> Vec<WorldDocument> {
    let world = Connection::open(out.join("world.db")).unwrap();
    let mut query = world.prepare("SELECT kind, key, body FROM documents").unwrap();
    let rows = query.query_map([], |row| {
        let body: String = row.get(2)?;
        Ok(WorldDocument { kind: row.get(0)?, key: row.get(1)?, body: serde_json::from_str(&body).unwrap() })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// What is embargoed: words of the advisory and of the fix, and the commits that are on the private side alone.
fn canaries(out: &Path) -> BTreeSet<String> {
    let words = [
        "3g8f-wv5j-m2cx",
        "lines of the list are evaluated as shell arithmetic",
        "changes the variables of the script",
        "gauge: not a level",
        "# a line that names a variable is refused",
        "printf 'highest=99",
    ];
    let tips = |repo: &Path| -> BTreeSet<String> {
        git(repo, &["for-each-ref", "--format=%(objectname)"]).lines().map(str::to_owned).collect()
    };
    let (forks, others): (Vec<PathBuf>, Vec<PathBuf>) =
        repositories(&out.join("git")).into_iter().partition(|repo| repo.to_string_lossy().contains("ghsa"));
    let known: BTreeSet<String> = others.iter().flat_map(|repo| tips(repo)).collect();
    let commits = forks.iter().flat_map(|repo| tips(repo)).filter(|commit| !known.contains(commit));
    commits.chain(words.map(str::to_owned)).collect()
}

/// Looks for every canary on both sides.
#[track_caller]
fn search(stage: &Stage, is_at_gate: bool, disturbance: &Disturbance) {
    let (public, private) = sides(&stage.out());
    for canary in canaries(&stage.out()) {
        let found: Vec<&str> = public.places_of(&canary).collect();
        assert!(found.is_empty(), "`{canary}` is public in {found:?} after {disturbance:?}");
        assert!(
            !is_at_gate || private.places_of(&canary).next().is_some(),
            "`{canary}` is not found on the private side, so the search finds nothing"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_embargoed_is_public_before_the_gate_however_a_run_was_disturbed() {
    crate::tls::install_tls();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let runs = wanted(RUNS.0, RUNS.1);
    let mut at_gate = 0;
    for _ in 0..runs {
        let disturbance = disturbance().new_tree(&mut runner).unwrap().current();
        let (stage, is_at_gate) = disturbed(&disturbance).await;
        search(&stage, is_at_gate, &disturbance);
        at_gate += usize::from(is_at_gate);
    }
    assert!(at_gate * 10 >= runs * 9, "only {at_gate} of {runs} runs came to the gate");
}
