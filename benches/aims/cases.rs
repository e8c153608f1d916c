//! Picks of a real project: a mirror and its cases, given by path.

use std::path::Path;
use std::time::Duration;

use lockgate::CommitId;
use lockgate::Store;

use crate::given::mirror_and_cases;
use crate::picks::{Case, batch, cherry_pick, merge_tree, ours};
use crate::table::{Failure, Table, median, ms, ratio};

/// How many cherry-picks, spread evenly over the file: each is seconds on a large tree.
const CHERRY_PICKS: usize = 20;
/// How many branches at most take a fix that is carried to all, and how many fixes are.
const BRANCHES: usize = 57;
const FIXES: usize = 5;

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let Some((mirror, file)) = mirror_and_cases(table, "picks")? else { return Ok(()) };
    let cases = read(&file)?;
    one_by_one(table, &mirror, &cases)?;
    many_branches(table, &mirror, &cases)
}

/// Every line of a file of cases.
pub(crate) fn read(file: &Path) -> Result<Vec<Case>, Failure> {
    let text = std::fs::read_to_string(file)?;
    let cases: Result<Vec<Case>, _> = text.lines().map(serde_json::from_str).collect();
    Ok(cases?)
}

/// Some of the cases, spread evenly.
pub(crate) fn spread(cases: &[Case], wanted: usize) -> Vec<Case> {
    let step = cases.len().div_ceil(wanted).max(1);
    cases.iter().step_by(step).cloned().collect()
}

fn one_by_one(table: &mut Table, mirror: &Path, cases: &[Case]) -> Result<(), Failure> {
    let few = spread(cases, CHERRY_PICKS);
    let ours = median(ours(mirror, cases)?);
    let process = median(merge_tree(mirror, cases)?);
    table.measure(format!("picks: median of {}, ours", cases.len()), ms(ours));
    table.measure("picks: median, git merge-tree process", ms(process));
    table.at_most("picks: ours / merge-tree process", ratio(ours, process), 0.2, "");
    let work_tree = cherry_pick(mirror, &few)?;
    if work_tree.is_empty() {
        table
            .note("picks: no cherry-pick went through (a partial clone cannot be checked out); not compared");
        return Ok(());
    }
    let count = work_tree.len();
    let work_tree = median(work_tree);
    table.measure(format!("picks: median of {count}, git cherry-pick in a work tree"), ms(work_tree));
    table.at_most("picks: ours / cherry-pick in a work tree", ratio(ours, work_tree), 0.02, "");
    Ok(())
}

/// A few fixes, each onto all branches of the mirror, by one process of ours and by one of git's for each branch.
fn many_branches(table: &mut Table, mirror: &Path, cases: &[Case]) -> Result<(), Failure> {
    let heads = Store::open(mirror)?.references("refs/heads/")?;
    let heads: Vec<_> = heads.into_iter().rev().take(BRANCHES).map(|branch| branch.commit).collect();
    let (mut mine, mut theirs) = (Duration::ZERO, Duration::ZERO);
    let fixes = spread(cases, FIXES);
    for fix in &fixes {
        let onto = |head: &CommitId| Case { bp_parent: head.clone(), ..fix.clone() };
        let all: Vec<Case> = heads.iter().map(onto).collect();
        mine += batch(mirror, &all)?;
        theirs += merge_tree(mirror, &all)?.iter().sum::<Duration>();
    }
    let what = format!("picks: {} fixes, each onto {} branches", fixes.len(), heads.len());
    table.measure(format!("{what}, a process of ours for each fix"), ms(mine));
    table.measure("picks: the same, a merge-tree process for each branch", ms(theirs));
    table.at_most("picks: our processes / merge-tree processes", ratio(mine, theirs), 0.25, "");
    Ok(())
}
