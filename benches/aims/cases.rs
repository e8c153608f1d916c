//! Picks of a real project: a mirror and its cases, given by path.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::picks::{Case, cherry_pick, merge_tree, ours};
use crate::table::{Failure, Table, median, ms, ratio};

/// How many cases are picked by all engines, spread evenly over the file.
const SAMPLES: usize = 100;
/// How many cherry-picks: each is seconds on a large tree.
const CHERRY_PICKS: usize = 20;
/// How many branches take the fix that is carried to all.
const BRANCHES: usize = 57;

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let given = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let (Some(mirror), Some(file)) = (given("LOCKGATE_BENCH_MIRROR"), given("LOCKGATE_BENCH_CASES")) else {
        table.note("picks: no mirror is given (LOCKGATE_BENCH_MIRROR, LOCKGATE_BENCH_CASES); skipped");
        return Ok(());
    };
    let mirror = mirror.canonicalize()?;
    let cases = read(&file)?;
    one_by_one(table, &mirror, &cases)?;
    many_branches(table, &mirror, &cases)
}

fn read(file: &Path) -> Result<Vec<Case>, Failure> {
    let text = std::fs::read_to_string(file)?;
    let cases: Result<Vec<Case>, _> = text.lines().map(serde_json::from_str).collect();
    Ok(cases?)
}

fn spread(cases: &[Case], wanted: usize) -> Vec<Case> {
    let step = cases.len().div_ceil(wanted).max(1);
    cases.iter().step_by(step).cloned().collect()
}

fn one_by_one(table: &mut Table, mirror: &Path, cases: &[Case]) -> Result<(), Failure> {
    let sample = spread(cases, SAMPLES);
    let few = spread(cases, CHERRY_PICKS);
    let ours = median(ours(mirror, &sample)?);
    let process = median(merge_tree(mirror, &sample)?);
    table.measure(format!("picks: median of {}, ours", sample.len()), ms(ours));
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

/// One fix onto many branches: that of the newest case, onto the heads that the other cases were picked onto.
fn many_branches(table: &mut Table, mirror: &Path, cases: &[Case]) -> Result<(), Failure> {
    let Some(fix) = cases.last() else { return Ok(()) };
    let heads: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.bp_parent.as_str(), case)).collect();
    let all: Vec<Case> =
        heads.into_values().map(|case| Case { bp_parent: case.bp_parent.clone(), ..fix.clone() }).collect();
    let branches: Vec<Case> = spread(&all, BRANCHES);
    let mine = ours(mirror, &branches)?;
    let theirs = merge_tree(mirror, &branches)?;
    let (count, mine, theirs) = (mine.len(), mine.iter().sum(), theirs.iter().sum());
    table.measure(format!("picks: one fix onto {count} heads, ours in one process"), ms(mine));
    table.measure("picks: the same, a merge-tree process each", ms(theirs));
    table.at_most("picks: ours / merge-tree processes", ratio(mine, theirs), 0.25, "");
    Ok(())
}
