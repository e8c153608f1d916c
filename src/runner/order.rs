//! Which entries of a matrix are wanted, and on which terms they run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::evidence::EntryEvidence;
use super::prover::{EntryProver, Wish};
use super::schedule::TimeLeft;
use crate::matrix::{CiEntry, CiPlan, EntryVerdict, JobFacts, JobKey};

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
    /// Whether there is room for another one beside those that run.
    pub has_room: &'a dyn Fn() -> bool,
    /// How long an entry took before.
    pub took: &'a dyn Fn(&CiEntry) -> Option<Duration>,
    /// What proves them.
    pub prover: &'a dyn EntryProver,
}

/// Hears how far it is.
pub trait EntryProgress {
    /// So many entries are to be run, as far as is known.
    fn expected(&self, total: usize);
    /// This is under way.
    fn doing(&self, entry: &CiEntry, what: &str);
    /// This has ended.
    fn ended(&self, entry: &CiEntry, evidence: &EntryEvidence);
    /// The rest takes so long.
    fn left(&self, left: TimeLeft);
}

/// An entry of a job, by its place among them.
pub(super) type EntryId = (JobKey, usize);

impl MatrixOrder<'_> {
    /// What is to be run of a plan: what is asked for, and what comes before that.
    pub(super) fn wanted(&self, entries: &[(EntryId, &CiEntry)]) -> BTreeSet<EntryId> {
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
            seeds.flat_map(|(_, entry)| entry.after.iter()).collect()
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
    let before: BTreeSet<&JobKey> = before.flat_map(|(_, entry)| entry.after.iter()).collect();
    named.union(&before).copied().collect()
}

/// The entries of a plan, each with its place among those of its job.
pub(super) fn numbered(plan: &CiPlan) -> Vec<(EntryId, &CiEntry)> {
    let mut counts: BTreeMap<&JobKey, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    for entry in plan.entries() {
        let count = counts.entry(&entry.key).or_default();
        *count += 1;
        entries.push(((entry.key.clone(), *count), entry));
    }
    entries
}
