//! How long a matrix takes against the least that it could: entries of which it is known how long each takes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::future::LocalBoxFuture;
use lockgate::{
    CiEntry, EntryEvidence, EntryProgress, EntryProver, JobFacts, Library, MatrixOrder, TimeLeft, Wish,
    WorkflowFile, plan_after, run_matrix,
};

use crate::matrix::{Texts, event, machine};
use crate::table::{Failure, Table};

/// The aim: times the lower bound.
const AIM: f64 = 1.15;
/// How many run at the same time.
const SLOTS: usize = 8;
const PATH: &str = ".github/workflows/ci.yml";

/// A hundred and ninety-six entries of one job, some of them ten times as long as most, and a chain of four jobs.
const WORKFLOW: &str = "on: push
jobs:
  test:
    strategy: { matrix: { a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], b: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13] } }
    runs-on: ubuntu-24.04
    steps: [{ run: 'true' }]
  build: { runs-on: ubuntu-24.04, steps: [{ run: 'true' }] }
  pack: { needs: build, runs-on: ubuntu-24.04, steps: [{ run: 'true' }] }
  sign: { needs: pack, runs-on: ubuntu-24.04, steps: [{ run: 'true' }] }
  check: { needs: sign, runs-on: ubuntu-24.04, steps: [{ run: 'true' }] }
";

/// An entry takes as long as is known of it, and does nothing.
struct Sleeping(BTreeMap<String, Duration>);

impl Sleeping {
    fn of(&self, entry: &CiEntry) -> Duration {
        self.0.get(&entry.name).copied().unwrap_or_default()
    }
}

impl EntryProver for Sleeping {
    fn takes(&self, _: &CiEntry, _: Wish) -> bool {
        true
    }

    fn prove<'a>(&'a self, entry: &'a CiEntry, _: &'a dyn Fn(&str)) -> LocalBoxFuture<'a, EntryEvidence> {
        Box::pin(async {
            tokio::time::sleep(self.of(entry)).await;
            EntryEvidence::unavailable("it only sleeps".to_owned())
        })
    }
}

struct Silent;

impl EntryProgress for Silent {
    fn expected(&self, _: usize) {}
    fn doing(&self, _: &CiEntry, _: &str) {}
    fn ended(&self, _: &CiEntry, _: &EntryEvidence) {}
    fn left(&self, _: TimeLeft) {}
}

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let texts = Texts(BTreeMap::new());
    let library =
        Library::of(BTreeMap::from([(PATH.to_owned(), WorkflowFile::read(PATH, WORKFLOW))]), &texts);
    let (event, machine) = (event(), machine());
    let plan = |facts: &JobFacts| plan_after(facts, &library, &event, Some(&machine), &|_| true);
    let entries: Vec<String> = plan(&JobFacts::default()).entries().map(|entry| entry.name.clone()).collect();
    let known =
        Sleeping(entries.iter().enumerate().map(|(at, name)| (name.clone(), length(name, at))).collect());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let took = |is_known: bool| {
        let order = MatrixOrder {
            plan: &plan,
            chosen: &|_| true,
            insists: &|_| false,
            producers_only: false,
            side_by_side: SLOTS,
            has_room: &|| true,
            took: &|entry| is_known.then(|| known.of(entry)),
            prover: &known,
        };
        let began = Instant::now();
        runtime.block_on(run_matrix(&order, &Silent));
        began.elapsed().as_secs_f64()
    };
    let (work, chain) = (known.0.values().sum::<Duration>(), chain(&known));
    let least = (work.as_secs_f64() / SLOTS as f64).max(chain.as_secs_f64());
    let what = format!("matrix: {} entries, {SLOTS} at a time, times the lower bound", entries.len());
    table.at_most(what, took(true) / least, AIM, "x");
    table.note(format!(
        "matrix: with no durations known it is {:.3} times the lower bound",
        took(false) / least
    ));
    Ok(())
}

/// Twenty to eighty milliseconds, every fifteenth entry ten times as much; the jobs of the chain a fifth of a second each.
fn length(name: &str, at: usize) -> Duration {
    if !name.starts_with("test") {
        return Duration::from_millis(200);
    }
    let usual = 20 + (at as u64 * 37) % 61;
    Duration::from_millis(if at % 15 == 14 { usual * 10 } else { usual })
}

fn chain(known: &Sleeping) -> Duration {
    known.0.iter().filter(|(name, _)| !name.starts_with("test")).map(|(_, took)| *took).sum()
}
