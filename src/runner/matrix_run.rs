//! All entries that are wanted, in the order of their needs, what takes longest first. Whenever a job has ended on which others
//! hang, the matrix is planned again with what is known by then: matrices and conditions that hang on outputs are settled so.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use super::evidence::EntryEvidence;
use super::order::{EntryId, EntryProgress, MatrixOrder, numbered};
use super::work::Work;
use crate::matrix::{CiEntry, CiPlan};

/// The plan at the end, and what was run of it.
pub struct MatrixRun {
    /// The plan with everything that is known.
    pub plan: CiPlan,
    evidence: BTreeMap<EntryId, EntryEvidence>,
}

impl MatrixRun {
    /// Each entry in the order of the plan, with its evidence if it was run.
    pub fn entries(&self) -> Vec<(&CiEntry, Option<&EntryEvidence>)> {
        let numbered = numbered(&self.plan);
        numbered.into_iter().map(|(id, entry)| (entry, self.evidence.get(&id))).collect()
    }
}

/// Runs what is wanted.
pub async fn run_matrix(order: &MatrixOrder<'_>, progress: &dyn EntryProgress) -> MatrixRun {
    let mut work = Work::of(order, progress);
    let mut under_way = FuturesUnordered::new();
    loop {
        while let Some((id, entry)) = work.next() {
            under_way.push(work.proven(id, entry));
        }
        progress.left(work.time_left());
        match under_way.next().await {
            Some((id, found)) => work.take_in(id, found),
            None if work.is_settled() => return MatrixRun { plan: work.plan, evidence: work.evidence },
            None => work.plan_again(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::time::Duration;

    use futures::future::LocalBoxFuture;

    use super::*;
    use crate::matrix::JobFacts;
    use crate::runner::EntryOutcome;
    use crate::runner::prover::{EntryProver, Wish};
    use crate::runner::schedule::TimeLeft;
    use crate::runner::tests::with_planner;

    /// An entry takes as many milliseconds as its name says behind the dash. What begins and ends is noted.
    #[derive(Default)]
    struct Noting(RefCell<Vec<String>>);

    fn length(entry: &CiEntry) -> Duration {
        Duration::from_millis(entry.name.rsplit('-').next().unwrap().parse().unwrap())
    }

    impl Noting {
        fn note(&self, sign: &str, entry: &CiEntry) {
            self.0.borrow_mut().push(format!("{sign}{}", entry.name));
        }
    }

    impl EntryProver for Noting {
        fn takes(&self, entry: &CiEntry, _: Wish) -> bool {
            entry.may_start()
        }

        fn prove<'a>(&'a self, entry: &'a CiEntry, _: &'a dyn Fn(&str)) -> LocalBoxFuture<'a, EntryEvidence> {
            Box::pin(async {
                self.note("+", entry);
                tokio::time::sleep(length(entry)).await;
                self.note("-", entry);
                EntryEvidence::unavailable(String::new())
            })
        }
    }

    impl EntryProgress for Noting {
        fn expected(&self, _: usize) {}
        fn doing(&self, _: &CiEntry, _: &str) {}
        fn ended(&self, _: &CiEntry, _: &EntryEvidence) {}
        fn left(&self, _: TimeLeft) {}
    }

    const WORKFLOW: &str = "on: push
jobs:
  a-1: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  b-400: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  c-20: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  d-300: { needs: c-20, runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
";

    /// What was noted with so many at a time, and the entries that have evidence.
    fn noted(side_by_side: usize, has_room: bool, is_known: bool) -> Vec<String> {
        let noting = Noting::default();
        with_planner(WORKFLOW, |plan: &dyn Fn(&JobFacts) -> CiPlan| {
            let order = MatrixOrder {
                plan,
                chosen: &|_| true,
                insists: &|_| false,
                producers_only: false,
                side_by_side,
                has_room: &|| has_room,
                took: &|entry| is_known.then(|| length(entry)),
                prover: &noting,
            };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let run = runtime.block_on(run_matrix(&order, &noting));
            assert!(run.entries().iter().all(|(_, found)| found.is_some()));
        });
        noting.0.into_inner()
    }

    #[test]
    fn what_takes_longest_begins_first_and_nothing_waits_for_what_it_does_not_need() {
        let alone = ["+b-400", "-b-400", "+c-20", "-c-20", "+d-300", "-d-300", "+a-1", "-a-1"];
        assert_eq!(noted(1, true, true), alone);
        // While the longest one runs, what needs the short one begins and ends.
        let two = noted(2, true, true);
        let at = |what: &str| two.iter().position(|noted| noted == what).unwrap();
        assert!(at("+d-300") < at("-b-400") && at("-c-20") < at("+d-300"), "{two:?}");
        assert_eq!(noted(9, false, true), alone, "without room there is one at a time");
    }

    #[test]
    fn what_was_never_run_keeps_the_order_of_the_plan_behind_what_others_need() {
        let begun: Vec<String> =
            noted(1, true, false).into_iter().filter(|one| one.starts_with('+')).collect();
        assert_eq!(begun, ["+c-20", "+a-1", "+b-400", "+d-300"]);
    }

    /// Passes everything at once, and counts how often it was planned.
    #[derive(Default)]
    struct Passing(Cell<usize>);

    impl EntryProver for Passing {
        fn takes(&self, entry: &CiEntry, _: Wish) -> bool {
            entry.may_start()
        }

        fn prove<'a>(&'a self, _: &'a CiEntry, _: &'a dyn Fn(&str)) -> LocalBoxFuture<'a, EntryEvidence> {
            let passed =
                EntryEvidence { outcome: EntryOutcome::Passed, ..EntryEvidence::unavailable(String::new()) };
            Box::pin(async { passed })
        }
    }

    /// How often a workflow is planned in which everything passes.
    fn planned_so_often(workflow: &str) -> usize {
        let passing = Passing::default();
        with_planner(workflow, |plan: &dyn Fn(&JobFacts) -> CiPlan| {
            let order = MatrixOrder {
                plan: &|facts| {
                    passing.0.set(passing.0.get() + 1);
                    plan(facts)
                },
                chosen: &|_| true,
                insists: &|_| false,
                producers_only: false,
                side_by_side: 2,
                has_room: &|| true,
                took: &|_| None,
                prover: &passing,
            };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let run = runtime.block_on(run_matrix(&order, &Noting::default()));
            assert!(run.entries().iter().all(|(_, found)| found.is_some()));
        });
        passing.0.get()
    }

    #[test]
    fn a_chain_of_jobs_is_not_planned_again_for_each_of_them() {
        let job = |at: usize| {
            let needs = if at == 0 { String::new() } else { format!("needs: j{}, ", at - 1) };
            format!("  j{at}: {{ {needs}runs-on: ubuntu-latest, steps: [{{ run: 'true' }}] }}\n")
        };
        let chain = |count| format!("on: push\njobs:\n{}", (0..count).map(job).collect::<String>());
        assert_eq!(planned_so_often(&chain(300)), 2, "once at the beginning and once at the end");
        // What has outputs may change what comes after it.
        let with_outputs = chain(3).replace("j0: { runs-on", "j0: { outputs: { x: 'y' }, runs-on");
        assert_eq!(planned_so_often(&with_outputs), 3);
    }
}
