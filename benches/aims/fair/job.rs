//! One job for both: what each makes of the same pairs, and the medians of what that costs.

use std::path::Path;
use std::time::Duration;

use super::{ours, peer};
use crate::picks::Case;
use crate::table::{Failure, Table, median, ms};

/// How often each answers, in turn: an odd number.
const RUNS: usize = 5;

/// What came of one pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    /// The tree with the fix in it.
    Tree(String),
    /// None.
    Conflict,
}

/// Measures a job and compares the answers.
pub(super) fn measure(
    table: &mut Table,
    what: &str,
    aim: f64,
    repository: &Path,
    cases: &[Case],
) -> Result<(), Failure> {
    if cases.is_empty() {
        table.note(format!("fair: {what}: there is no such pair; not measured"));
        return Ok(());
    }
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    let mut compared = Compared::default();
    for _ in 0..RUNS {
        let (peers, spent) = peer::answers(repository, cases)?;
        theirs.push(spent.cpu);
        let (own, spent) = ours::answers(repository, cases)?;
        mine.push(spent.cpu);
        compared = Compared::of(&own, &peers);
    }
    row(table, what, aim, &mine, &theirs);
    table.note(format!("fair: {what}: {compared}"));
    Ok(())
}

/// A row of both medians and the median of their ratios.
pub(super) fn row(table: &mut Table, what: &str, aim: f64, mine: &[Duration], theirs: &[Duration]) {
    let ratio = middle(mine.iter().zip(theirs).map(|(own, other)| crate::table::ratio(*own, *other)));
    let seconds = format!("{} / {}", ms(median(mine.to_vec())), ms(median(theirs.to_vec())));
    table.measure(format!("fair: {what}, ours / peer"), seconds);
    table.at_most(format!("fair: {what}"), ratio, aim, "x");
}

/// The middle one; nothing is beyond every aim.
pub(super) fn middle(ratios: impl Iterator<Item = f64>) -> f64 {
    let mut ratios: Vec<f64> = ratios.collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(f64::INFINITY)
}

/// How the answers stand to each other.
#[derive(Default)]
struct Compared {
    same_tree: usize,
    both_conflict: usize,
    other_tree: usize,
    /// We leave to people what git merges.
    stricter: usize,
    /// We merge what git leaves to people.
    laxer: usize,
}

impl Compared {
    fn of(own: &[Made], peers: &[Made]) -> Compared {
        let mut compared = Compared::default();
        for pair in own.iter().zip(peers) {
            *match pair {
                (Made::Tree(own), Made::Tree(other)) if own == other => &mut compared.same_tree,
                (Made::Tree(_), Made::Tree(_)) => &mut compared.other_tree,
                (Made::Conflict, Made::Conflict) => &mut compared.both_conflict,
                (Made::Conflict, Made::Tree(_)) => &mut compared.stricter,
                (Made::Tree(_), Made::Conflict) => &mut compared.laxer,
            } += 1;
        }
        compared
    }
}

impl std::fmt::Display for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Compared { same_tree, both_conflict, other_tree, stricter, laxer } = self;
        write!(
            f,
            "{same_tree} same tree, {both_conflict} conflict for both, {other_tree} another tree, {stricter} conflict for us \
             alone, {laxer} conflict for the peer alone"
        )
    }
}
