//! A run of a matrix on its way: what is open, what begins next, what is known by then.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::evidence::{EntryEvidence, EntryOutcome};
use super::order::{EntryId, EntryProgress, MatrixOrder, numbered};
use super::schedule::{OpenEntry, Rank, TimeLeft, ranks, time_left};
use crate::matrix::{CiEntry, CiPlan, JobFact, JobFacts, JobKey, Object};

/// A run of a matrix on its way.
pub(super) struct Work<'a> {
    order: &'a MatrixOrder<'a>,
    progress: &'a dyn EntryProgress,
    pub(super) plan: CiPlan,
    /// What is wanted and has not ended, in the order of the plan.
    open: Vec<Open>,
    /// Those that wait for their turn, the first one last.
    ready: Vec<EntryId>,
    pub(super) evidence: BTreeMap<EntryId, EntryEvidence>,
    /// How many had ended when it was planned.
    planned_after: usize,
}

/// An entry that is wanted and has not ended.
struct Open {
    id: EntryId,
    entry: Rc<CiEntry>,
    took: Option<Duration>,
    rank: Rank,
    /// Since when it runs.
    since: Option<Instant>,
}

impl Open {
    fn told(&self) -> OpenEntry<'_> {
        let running = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        OpenEntry { entry: &self.entry, took: self.took, running }
    }
}

impl<'a> Work<'a> {
    pub(super) fn of(order: &'a MatrixOrder<'a>, progress: &'a dyn EntryProgress) -> Work<'a> {
        let plan = (order.plan)(&JobFacts::default());
        let (open, ready, evidence) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut work = Work { order, progress, plan, open, ready, evidence, planned_after: 0 };
        work.look();
        work
    }

    /// Whether nothing has ended since it was planned.
    pub(super) fn is_settled(&self) -> bool {
        self.planned_after == self.evidence.len()
    }

    pub(super) fn plan_again(&mut self) {
        let going_on: BTreeSet<&JobKey> = self.open.iter().map(|open| &open.id.0).collect();
        let facts = facts_of(&numbered(&self.plan), &self.evidence, &going_on);
        self.plan = (self.order.plan)(&facts);
        self.look();
    }

    /// What is wanted of the plan, and what of it can begin. What runs goes on, whatever the plan says now.
    fn look(&mut self) {
        self.planned_after = self.evidence.len();
        let entries = numbered(&self.plan);
        let wanted = self.order.wanted(&entries);
        let runs: BTreeMap<EntryId, Open> = self
            .open
            .drain(..)
            .filter(|open| open.since.is_some())
            .map(|open| (open.id.clone(), open))
            .collect();
        let waits = entries.into_iter().filter(|(id, _)| {
            wanted.contains(id) && !self.evidence.contains_key(id) && !runs.contains_key(id)
        });
        let waiting: Vec<Open> = waits
            .map(|(id, entry)| Open {
                id,
                took: (self.order.took)(entry),
                entry: Rc::new(entry.clone()),
                rank: Rank::default(),
                since: None,
            })
            .collect();
        self.open = runs.into_values().chain(waiting).collect();
        let ranks = ranks(&self.open.iter().map(Open::told).collect::<Vec<_>>());
        self.open.iter_mut().zip(ranks).for_each(|(open, rank)| open.rank = rank);
        self.ready = self.in_turn();
        self.progress.expected(self.open.len() + self.evidence.len());
    }

    /// What can begin, the first one last.
    fn in_turn(&self) -> Vec<EntryId> {
        let going_on = self.going_on();
        // What comes directly before a job stands at the end.
        let is_free = |entry: &CiEntry| !entry.after.iter().rev().any(|need| going_on.contains(need.path()));
        let free = self.open.iter().filter(|open| open.since.is_none() && is_free(&open.entry));
        let mut free: Vec<&Open> = free.collect();
        // Those that are alike stay in the order of the plan.
        free.reverse();
        free.sort_by_key(|open| open.rank.expected);
        free.into_iter().map(|open| open.id.clone()).collect()
    }

    /// The paths of jobs of which something has not ended, and of what calls them.
    fn going_on(&self) -> HashSet<&[String]> {
        self.open.iter().flat_map(|open| open.entry.key.paths()).collect()
    }

    pub(super) fn time_left(&self) -> TimeLeft {
        time_left(self.open.iter().map(|open| (open.told(), open.rank)), self.order.side_by_side)
    }

    /// The next one that begins, if there is room. One alone always has room.
    pub(super) fn next(&mut self) -> Option<(EntryId, Rc<CiEntry>)> {
        let count = self.open.iter().filter(|open| open.since.is_some()).count();
        if count >= self.order.side_by_side.max(1) || (count > 0 && !(self.order.has_room)()) {
            return None;
        }
        let id = self.ready.pop()?;
        let open = self.open.iter_mut().find(|open| open.id == id)?;
        open.since = Some(Instant::now());
        Some((id, Rc::clone(&open.entry)))
    }

    /// Runs one. It keeps its entry, whatever becomes of the plan.
    pub(super) fn proven(
        &self,
        id: EntryId,
        entry: Rc<CiEntry>,
    ) -> impl Future<Output = (EntryId, EntryEvidence)> + use<'a> {
        let (prover, progress) = (self.order.prover, self.progress);
        async move {
            progress.doing(&entry, "");
            let found = prover.prove(&entry, &|what| progress.doing(&entry, what)).await;
            progress.ended(&entry, &found);
            (id, found)
        }
    }

    /// Takes down what came of one; others may begin then.
    pub(super) fn take_in(&mut self, id: EntryId, found: EntryEvidence) {
        let entry = self.open.iter().find(|open| open.id == id).map(|open| Rc::clone(&open.entry));
        self.open.retain(|open| open.id != id);
        self.evidence.insert(id.clone(), found);
        let going_on = self.going_on();
        let frees = |need: &JobKey| id.0.is_within(need) && !going_on.contains(need.path());
        if !self.open.iter().any(|open| open.entry.after.iter().rev().any(frees)) {
            return;
        }
        drop(going_on);
        if entry.is_some_and(|entry| self.says_nothing_new(&entry)) {
            self.ready = self.in_turn();
        } else {
            self.plan_again();
        }
    }

    /// Whether a job that has ended came to what it was planned to come to: it passed, and has no outputs. Planning a thousand
    /// jobs again after each of them would take longer than they do.
    fn says_nothing_new(&self, entry: &CiEntry) -> bool {
        let of_job = (entry.key.clone(), 0)..=(entry.key.clone(), usize::MAX);
        let passed = |found: &EntryEvidence| found.outcome == EntryOutcome::Passed;
        entry.recipe.as_ref().is_some_and(|recipe| recipe.job.get("outputs").is_null())
            && self.evidence.range(of_job).all(|(_, found)| passed(found))
    }
}

/// What is known of the jobs of which something was run and everything has ended.
fn facts_of(
    entries: &[(EntryId, &CiEntry)],
    evidence: &BTreeMap<EntryId, EntryEvidence>,
    going_on: &BTreeSet<&JobKey>,
) -> JobFacts {
    let mut by_job: BTreeMap<&JobKey, Vec<Option<&EntryEvidence>>> = BTreeMap::new();
    for ((key, at), _) in entries {
        by_job.entry(key).or_default().push(evidence.get(&(key.clone(), *at)));
    }
    let mut facts = JobFacts::default();
    let ended = |key: &JobKey, of_job: &[Option<&EntryEvidence>]| {
        !going_on.contains(key) && of_job.iter().any(Option::is_some)
    };
    for (key, of_job) in by_job.into_iter().filter(|(key, of_job)| ended(key, of_job)) {
        facts.insert(key.clone(), fact_of(&of_job));
    }
    facts
}

fn fact_of(of_job: &[Option<&EntryEvidence>]) -> JobFact {
    let failed = of_job.iter().flatten().any(|found| found.outcome.is_failure() && !found.may_fail);
    let known =
        of_job.iter().all(|found| found.is_some_and(|found| found.outcome != EntryOutcome::Unavailable));
    JobFact { failed, outputs: known.then(|| outputs_of(of_job)) }
}

/// Of the entries of one job the last that sets an output to something decides.
fn outputs_of(of_job: &[Option<&EntryEvidence>]) -> Object {
    let mut outputs = Object::default();
    for attempt in of_job.iter().flatten().filter_map(|found| found.attempts.last()) {
        for (name, value) in attempt.outputs.iter() {
            if value.truth() != Some(false) || !outputs.contains(name) {
                outputs.insert(name.to_owned(), value.clone());
            }
        }
    }
    outputs
}
