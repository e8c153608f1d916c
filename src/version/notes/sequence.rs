//! In which order the releases of a changelog stand, as far as the file shows it.

use std::cmp::Ordering;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::rule::NotesOrder;
use super::section::ReleaseSection;
use super::text::Changelog;

/// Beside which section a fresh one goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Above(usize),
    Below(usize),
}

impl Beside {
    /// Which section that is.
    pub(super) fn position(self) -> usize {
        let (Beside::Above(position) | Beside::Below(position)) = self;
        position
    }
}

/// How many pairs on either side of a place have to be in order to show that the file is.
const AROUND: usize = 5;

/// The order by which a new release gets its place, if the releases that are there leave no doubt; `by_version` is where it goes
/// by its version, in a file from new to old.
pub(super) fn order_of(releases: &[ReleaseSection], by_version: Beside) -> Option<NotesOrder> {
    let pairs = || releases.windows(2).enumerate();
    let rising: Vec<usize> =
        pairs().filter(|(_, pair)| pair[0].version < pair[1].version).map(|(at, _)| at).collect();
    if releases.len() > 1 && rising.len() == releases.len() - 1 {
        return Some(NotesOrder::OldestFirst);
    }
    let near = |(at, _): &(usize, &[ReleaseSection])| *at <= by_version.position() + AROUND;
    let from_new_to_old = || rising.iter().all(|at| *at > by_version.position() + AROUND);
    let dates = |order: Ordering, pair: &[ReleaseSection]| {
        pair[0].date.zip(pair[1].date).is_some_and(|(first, second)| first.cmp(&second) == order)
    };
    let later_below = pairs().filter(near).any(|(_, pair)| dates(Ordering::Less, pair));
    let is_by_version = by_version == Beside::Above(0)
        || is_swapped_elsewhere(&rising, releases.len(), by_version)
        || (later_below && from_new_to_old());
    if is_by_version {
        return Some(NotesOrder::NewestFirst);
    }
    let is_dated = releases.iter().all(|release| release.date.is_some());
    // One swap may be a slip.
    let is_by_date = is_dated && rising.len() > 1 && !pairs().any(|(_, pair)| dates(Ordering::Less, pair));
    (is_by_date && !from_new_to_old()).then_some(NotesOrder::ByDate)
}

/// Whether the few releases that do not stand from new to old are far from the place, and of the past (rack's notes have one of
/// 2020).
fn is_swapped_elsewhere(rising: &[usize], count: usize, place: Beside) -> bool {
    /// One of so many may be swapped elsewhere.
    const SWAPPED: usize = 25;
    rising.len() * SWAPPED < count && rising.iter().all(|at| at.abs_diff(place.position()) > AROUND)
}

impl Changelog<'_> {
    /// The day that a heading states in numbers, the year first.
    pub(super) fn date_in(&self, first: usize) -> Option<Date> {
        static DAY: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"\b([0-9]{4})[-/.]([0-9]{2})[-/.]([0-9]{2})\b").ok());
        let found = DAY.as_ref()?.captures(self.lines.get(first)?.text)?;
        Date::new(found[1].parse().ok()?, found[2].parse().ok()?, found[3].parse().ok()?).ok()
    }
}
