//! Fixes that conflict, with everything that people are told about that: who touched the places last, on both sides. The peer
//! only says that they conflict.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::mirror::ReleaseBranch;
use super::{AIM_EXPLAINED, job, ours, peer};
use crate::cases::spread;
use crate::picks::Case;
use crate::table::{Failure, Table, median, ms};

/// How many fixes, spread evenly over those that conflict somewhere, and onto how many branches each.
const FIXES: usize = 5;
const BRANCHES: usize = 10;
/// How often each is measured.
const RUNS: usize = 3;

pub(super) fn measure(
    table: &mut Table,
    mirror: &Path,
    open: &[Case],
    branches: &[ReleaseBranch],
) -> Result<(), Failure> {
    let onto: Vec<&ReleaseBranch> = branches.iter().rev().take(BRANCHES).collect();
    let names: Vec<String> = onto.iter().map(|branch| branch.name.clone()).collect();
    let mut jobs = Vec::new();
    let mut seen = BTreeSet::new();
    for case in spread(open, FIXES) {
        let all = onto.iter().map(|branch| Case { bp_parent: branch.head.clone(), ..case.clone() }).collect();
        let all = peer::answerable(mirror, all)?;
        if all.len() == onto.len() && seen.insert(case.fix) {
            jobs.push(all);
        }
    }
    if jobs.is_empty() || onto.is_empty() {
        table.note("fair: no fix conflicts on a release branch; explanations are not measured");
        return Ok(());
    }
    let [mut plain, mut alone, mut helped] = [const { Vec::new() }; 3];
    let mut conflicts = 0;
    for _ in 0..RUNS {
        let mut sums = [Duration::ZERO; 3];
        conflicts = 0;
        for cases in &jobs {
            let fix = cases[0].fix.as_str();
            let (made, spent) = peer::answers(mirror, cases)?;
            conflicts += made.iter().filter(|made| **made == job::Made::Conflict).count();
            sums[0] += spent.cpu;
            sums[1] += ours::explained(mirror, fix, &names, &["--alone"])?.cpu;
            sums[2] += ours::explained(mirror, fix, &names, &[])?.cpu;
        }
        for (all, sum) in [&mut plain, &mut alone, &mut helped].into_iter().zip(sums) {
            all.push(sum);
        }
    }
    let what = format!("{} fixes onto {} branches, {conflicts} conflicts explained", jobs.len(), onto.len());
    job::row(table, &what, AIM_EXPLAINED, &alone, &plain);
    table.measure(format!("fair: {what}, the branches helping one another"), ms(median(helped)));
    Ok(())
}
