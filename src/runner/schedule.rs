//! What begins first, and how long the rest takes at least. Pure.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use crate::matrix::CiEntry;
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

/// Which entries come after each, and how long they take.
struct Chains<'a> {
    open: &'a [OpenEntry<'a>],
    /// By the path of a job, the entries that wait for it.
    waiting: HashMap<&'a [String], Vec<usize>>,
}

/// For each entry how long it takes until everything is done that waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rank {
    /// What was never run is taken to be as long as others are on the average: the longest of these chains begins first.
    pub(super) expected: Duration,
    /// What was never run counts for nothing.
    pub(super) known: Duration,
}

/// The ranks of entries, in their order. They stay the same while entries end: what waits for one is after it.
pub(super) fn ranks(open: &[OpenEntry<'_>]) -> Vec<Rank> {
    let known: Vec<Duration> = open.iter().filter_map(|one| one.took).collect();
    let count = u32::try_from(known.len()).unwrap_or(u32::MAX).max(1);
    let usual = known.iter().sum::<Duration>() / count;
    let usual = if known.is_empty() { Duration::from_secs(1) } else { usual };
    let chains = Chains::of(open);
    let expected = chains.longest(&|one| one.took.unwrap_or(usual));
    let known = chains.longest(&|one| one.took.unwrap_or_default());
    expected.into_iter().zip(known).map(|(expected, known)| Rank { expected, known }).collect()
}

/// How long the rest takes at least with so many at a time. What waits for an entry that has not ended does not run yet, so
/// only the entry's own time has become less.
pub(super) fn time_left<'a>(
    open: impl Iterator<Item = (OpenEntry<'a>, Rank)>,
    side_by_side: usize,
) -> TimeLeft {
    let slots = u32::try_from(side_by_side.max(1)).unwrap_or(u32::MAX);
    let (mut work, mut longest, mut unknown) = (Duration::ZERO, Duration::ZERO, 0);
    for (one, rank) in open {
        let gone = one.running.min(one.took.unwrap_or_default());
        work += one.left();
        longest = longest.max(rank.known.saturating_sub(gone));
        unknown += usize::from(one.took.is_none());
    }
    TimeLeft { least: longest.max(work / slots), unknown }
}

impl<'a> Chains<'a> {
    fn of(open: &'a [OpenEntry<'a>]) -> Chains<'a> {
        let mut waiting: HashMap<&[String], Vec<usize>> = HashMap::new();
        for (at, one) in open.iter().enumerate() {
            for need in one.entry.after.iter() {
                waiting.entry(need.path()).or_default().push(at);
            }
        }
        Chains { open, waiting }
    }

    /// Each entry with the longest chain of those that come after it. Jobs in a circle never start: the planner has refused
    /// them.
    fn longest(&self, length: &dyn Fn(&OpenEntry<'a>) -> Duration) -> Vec<Duration> {
        let mut done: Vec<Option<Duration>> = vec![None; self.open.len()];
        let mut entered = vec![false; self.open.len()];
        for first in 0..self.open.len() {
            // No recursion: a thousand jobs may follow one another.
            let mut path = vec![first];
            while let Some(at) = path.last().copied() {
                if !std::mem::replace(&mut entered[at], true) {
                    path.extend(self.after(at).filter(|next| !entered[*next]));
                    continue;
                }
                path.pop();
                let behind = self.after(at).filter_map(|next| done[next]).max().unwrap_or_default();
                done[at] = Some(length(&self.open[at]) + behind);
            }
        }
        done.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// The entries that wait for one.
    fn after(&self, at: usize) -> impl Iterator<Item = usize> {
        let paths = self.open[at].entry.key.paths();
        paths.filter_map(|path| self.waiting.get(path)).flatten().copied()
    }
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
            ranks(&open).iter().map(|rank| rank.expected.as_secs()).collect()
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
        let left = |seconds, side_by_side| {
            let open = open(&entries, seconds);
            let ranks = ranks(&open);
            time_left(open.into_iter().zip(ranks), side_by_side)
        };
        let known = [(Some(200), 0), (Some(60), 20), (Some(60), 0), (Some(60), 0), (Some(240), 0)];
        assert_eq!(left(known, 1).to_string(), "at least 10 min left");
        assert_eq!(left(known, 9).to_string(), "at least 4 min left");
        let some = [(Some(60), 0), (None, 0), (None, 0), (None, 0), (Some(60), 50)];
        assert_eq!(left(some, 9).to_string(), "at least 1 min left without 3 entries that never ran");
        assert_eq!(left([(None, 0); 5], 2).to_string(), "");
    }
}
