//! What begins first, and how long the rest takes at least. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::matrix::{CiEntry, JobKey};
use crate::wording::{counted, span};

/// What is known of the time that entries take which have not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeLeft {
    /// So long at least, if each takes as long as the last time.
    pub least: Duration,
    /// Of so many nothing is known: they were never run. They count for nothing in `least`.
    pub unknown: usize,
}

/// For whoever waits; nothing where nothing is known.
impl fmt::Display for TimeLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least.as_secs(), self.unknown) {
            (0, _) => Ok(()),
            (least, 0) => write!(f, "at least {} left", span(least)),
            (least, unknown) => {
                write!(
                    f,
                    "at least {} left without {} that never ran",
                    span(least),
                    counted(unknown, "entry")
                )
            }
        }
    }
}

/// An entry that has not ended.
pub(super) struct OpenEntry<'a> {
    pub(super) entry: &'a CiEntry,
    /// How long it took the last time.
    pub(super) took: Option<Duration>,
    /// How long it has run by now.
    pub(super) running: Duration,
}

impl OpenEntry<'_> {
    fn left(&self) -> Duration {
        self.took.unwrap_or_default().saturating_sub(self.running)
    }
}

/// For each entry how long it takes until everything is done that waits for it: the longest of these chains begins first.
/// What was never run is taken to be as long as others are on the average.
pub(super) fn ranks(open: &[OpenEntry<'_>]) -> Vec<Duration> {
    let known: Vec<Duration> = open.iter().filter_map(|one| one.took).collect();
    let count = u32::try_from(known.len()).unwrap_or(u32::MAX).max(1);
    let usual = known.iter().sum::<Duration>() / count;
    let usual = if known.is_empty() { Duration::from_secs(1) } else { usual };
    chains(open, &|one| one.took.unwrap_or(usual))
}

/// How long the rest takes at least with so many at a time.
pub(super) fn time_left(open: &[OpenEntry<'_>], side_by_side: usize) -> TimeLeft {
    let work: Duration = open.iter().map(OpenEntry::left).sum();
    let longest = chains(open, &OpenEntry::left).into_iter().max().unwrap_or_default();
    let slots = u32::try_from(side_by_side.max(1)).unwrap_or(u32::MAX);
    TimeLeft {
        least: longest.max(work / slots),
        unknown: open.iter().filter(|one| one.took.is_none()).count(),
    }
}

/// Each entry with the longest chain of those that come after it.
fn chains<'a>(open: &[OpenEntry<'a>], length: &dyn Fn(&OpenEntry<'a>) -> Duration) -> Vec<Duration> {
    // Entries of one job have the same ones after them.
    let mut after: BTreeMap<&JobKey, Duration> = BTreeMap::new();
    let keys: Vec<&JobKey> = open.iter().map(|one| &one.entry.key).collect();
    for key in keys {
        behind(key, open, length, &mut after);
    }
    open.iter().map(|one| length(one) + after.get(&one.entry.key).copied().unwrap_or_default()).collect()
}

/// How long everything takes that comes after a job. Jobs in a circle never start: the planner has refused them.
fn behind<'a>(
    key: &'a JobKey,
    open: &[OpenEntry<'a>],
    length: &dyn Fn(&OpenEntry<'a>) -> Duration,
    known: &mut BTreeMap<&'a JobKey, Duration>,
) -> Duration {
    if let Some(known) = known.get(key) {
        return *known;
    }
    known.insert(key, Duration::ZERO);
    let mut longest = Duration::ZERO;
    for one in open.iter().filter(|one| one.entry.after.iter().any(|need| key.is_within(need))) {
        longest = longest.max(length(one) + behind(&one.entry.key, open, length, known));
    }
    known.insert(key, longest);
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::tests::planned;

    const CHAIN: &str = "on: push
jobs:
  short: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  make: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  use: { needs: make, runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  end: { needs: [use], runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  long: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
";

    /// The entries in their order, each with the seconds that it took the last time and those that it runs now.
    fn open<'a>(entries: &'a [CiEntry], seconds: [(Option<u64>, u64); 5]) -> Vec<OpenEntry<'a>> {
        let second = Duration::from_secs;
        entries
            .iter()
            .zip(seconds)
            .map(|(entry, (took, running))| OpenEntry {
                entry,
                took: took.map(second),
                running: second(running),
            })
            .collect()
    }

    #[test]
    fn what_the_longest_chain_waits_for_comes_first() {
        let entries = planned(CHAIN, |_| None);
        let rank = |seconds: [Option<u64>; 5]| -> Vec<u64> {
            let open = open(&entries, seconds.map(|took| (took, 0)));
            ranks(&open).iter().map(Duration::as_secs).collect()
        };
        assert_eq!(rank([Some(2), Some(3), Some(4), Some(5), Some(9)]), [2, 12, 9, 5, 9]);
        // Nothing is known: what many wait for comes first.
        assert_eq!(rank([None; 5]), [1, 3, 2, 1, 1]);
        // What was never run is as long as the others are.
        assert_eq!(rank([None, None, None, Some(2), Some(8)]), [5, 12, 7, 2, 8]);
    }

    #[test]
    fn what_is_left_is_told_as_the_least_of_what_is_known() {
        let entries = planned(CHAIN, |_| None);
        let left = |seconds, side_by_side| time_left(&open(&entries, seconds), side_by_side);
        let known = [(Some(200), 0), (Some(60), 20), (Some(60), 0), (Some(60), 0), (Some(240), 0)];
        assert_eq!(left(known, 1).to_string(), "at least 10 min left");
        assert_eq!(left(known, 9).to_string(), "at least 4 min left");
        let some = [(Some(60), 0), (None, 0), (None, 0), (None, 0), (Some(60), 50)];
        assert_eq!(left(some, 9).to_string(), "at least 1 min left without 3 entries that never ran");
        assert_eq!(left([(None, 0); 5], 2).to_string(), "");
    }
}
