//! All entries that are wanted, in the order of their needs. After each round the matrix is planned again with what is
//! known by then: matrices and conditions that hang on outputs are settled so.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use super::evidence::{EntryEvidence, EntryOutcome};
use super::prover::{EntryProver, Wish};
use crate::matrix::{CiEntry, CiPlan, EntryVerdict, JobFact, JobFacts, JobKey, Object};

/// Which entries are to be run.
pub struct MatrixOrder<'a> {
    /// Plans with what is known.
    pub plan: &'a dyn Fn(&JobFacts) -> CiPlan,
    /// The entries that are asked for; what they need is run besides.
    pub chosen: &'a dyn Fn(&CiEntry) -> bool,
    /// Those that are wanted so much that they are tried although a tool seems to be missing.
    pub insists: &'a dyn Fn(&CiEntry) -> bool,
    /// Whether only those are run on whose outputs a matrix or a condition hangs.
    pub producers_only: bool,
    /// How many entries run at the same time.
    pub side_by_side: usize,
    /// What proves them.
    pub prover: &'a dyn EntryProver,
}

/// The plan at the end, and what was run of it.
pub struct MatrixRun {
    /// The plan with everything that is known.
    pub plan: CiPlan,
    evidence: BTreeMap<EntryId, EntryEvidence>,
}

/// Hears how far it is.
pub trait EntryProgress {
    /// So many entries are to be run, as far as is known.
    fn expected(&self, total: usize);
    /// This is under way.
    fn doing(&self, entry: &CiEntry, what: &str);
    /// This has ended.
    fn ended(&self, entry: &CiEntry, evidence: &EntryEvidence);
}

/// An entry of a job, by its place among them.
type EntryId = (JobKey, usize);

impl MatrixRun {
    /// Each entry in the order of the plan, with its evidence if it was run.
    pub fn entries(&self) -> Vec<(&CiEntry, Option<&EntryEvidence>)> {
        let numbered = numbered(&self.plan);
        numbered.into_iter().map(|(id, entry)| (entry, self.evidence.get(&id))).collect()
    }
}

/// Runs what is wanted.
pub async fn run_matrix(order: &MatrixOrder<'_>, progress: &dyn EntryProgress) -> MatrixRun {
    let (mut facts, mut evidence) = (JobFacts::default(), BTreeMap::new());
    loop {
        let plan = (order.plan)(&facts);
        let entries = numbered(&plan);
        let wanted = order.wanted(&entries);
        progress.expected(wanted.union(&evidence.keys().cloned().collect()).count());
        let open: Vec<&(EntryId, &CiEntry)> =
            entries.iter().filter(|(id, _)| wanted.contains(id) && !evidence.contains_key(id)).collect();
        let waits = |entry: &CiEntry| {
            open.iter().any(|(_, other)| entry.after.iter().any(|need| other.key.is_within(need)))
        };
        let ready = open.iter().filter(|(_, entry)| !waits(entry));
        let ran: Vec<(EntryId, EntryEvidence)> = futures::stream::iter(ready)
            .map(|(id, entry)| async {
                progress.doing(entry, "");
                let found = order.prover.prove(entry, &|what| progress.doing(entry, what)).await;
                progress.ended(entry, &found);
                (id.clone(), found)
            })
            .buffer_unordered(order.side_by_side.max(1))
            .collect()
            .await;
        if ran.is_empty() {
            return MatrixRun { plan, evidence };
        }
        evidence.extend(ran);
        facts = facts_of(&entries, &evidence);
    }
}

impl MatrixOrder<'_> {
    /// What is to be run of a plan: what is asked for, and what comes before that.
    fn wanted(&self, entries: &[(EntryId, &CiEntry)]) -> BTreeSet<EntryId> {
        let asked = |entry: &CiEntry| !self.producers_only && (self.chosen)(entry);
        let settles = |entry: &CiEntry| match entry.verdict() {
            // Which entries it will have, and what they are called, is not known yet.
            EntryVerdict::Dynamic => true,
            EntryVerdict::Conditional => self.producers_only || (self.chosen)(entry),
            _ => false,
        };
        let seeds = entries.iter().filter(|(_, entry)| {
            settles(entry) || (asked(entry) && self.can_run(entry, (self.insists)(entry)))
        });
        let before: BTreeSet<&JobKey> = if self.producers_only {
            producers(entries, seeds.map(|(_, entry)| *entry))
        } else {
            seeds.flat_map(|(_, entry)| &entry.after).collect()
        };
        let needed = |entry: &CiEntry| before.iter().any(|need| entry.key.is_within(need));
        let wanted = entries.iter().filter(|(_, entry)| {
            (asked(entry) && self.can_run(entry, (self.insists)(entry)))
                || (needed(entry) && self.can_run(entry, self.producers_only))
        });
        wanted.map(|(id, _)| id.clone()).collect()
    }

    fn can_run(&self, entry: &CiEntry, insists: bool) -> bool {
        self.prover.takes(entry, if insists { Wish::Insists } else { Wish::Usual })
    }
}

/// The jobs whose outputs these entries hang on, and what comes before those.
fn producers<'a>(
    entries: &'a [(EntryId, &CiEntry)],
    unsettled: impl Iterator<Item = &'a CiEntry>,
) -> BTreeSet<&'a JobKey> {
    let named = unsettled.filter_map(|entry| {
        let on = entry.hangs_on()?.strip_prefix("needs.")?.split('.').next()?.to_lowercase();
        entry.after.iter().find(|need| need.id() == on)
    });
    let named: BTreeSet<&JobKey> = named.collect();
    let before = entries.iter().filter(|(_, entry)| named.iter().any(|job| entry.key.is_within(job)));
    let before: BTreeSet<&JobKey> = before.flat_map(|(_, entry)| &entry.after).collect();
    named.union(&before).copied().collect()
}

/// The entries of a plan, each with its place among those of its job.
fn numbered(plan: &CiPlan) -> Vec<(EntryId, &CiEntry)> {
    let mut counts: BTreeMap<&JobKey, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    for entry in plan.entries() {
        let count = counts.entry(&entry.key).or_default();
        *count += 1;
        entries.push(((entry.key.clone(), *count), entry));
    }
    entries
}

/// What is known of the jobs of which something was run.
fn facts_of(entries: &[(EntryId, &CiEntry)], evidence: &BTreeMap<EntryId, EntryEvidence>) -> JobFacts {
    let mut by_job: BTreeMap<&JobKey, Vec<Option<&EntryEvidence>>> = BTreeMap::new();
    for ((key, at), _) in entries {
        by_job.entry(key).or_default().push(evidence.get(&(key.clone(), *at)));
    }
    let mut facts = JobFacts::default();
    for (key, of_job) in by_job.into_iter().filter(|(_, of_job)| of_job.iter().any(Option::is_some)) {
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
