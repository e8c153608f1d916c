//! Picks against the fair peer: one process of `git merge-tree --stdin` for all merges of a job, by the CPU seconds that whole
//! processes take. Both answer the same pairs in turn, and what they answer is compared.

mod explained;
mod growth;
mod job;
mod mirror;
mod ours;
mod peer;

use crate::given::mirror_and_cases;
use crate::table::{Failure, Table};

/// What a job should take at most, as a share of the peer's CPU time.
const AIM: f64 = 0.5;
/// The same on a tree so large that reading all of it would be the job.
const AIM_HUGE: f64 = 0.1;
/// The same where each conflict is explained, which the peer does not do.
const AIM_EXPLAINED: f64 = 1.5;

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    growth::measure(table)?;
    let Some((mirror, file)) = mirror_and_cases(table, "fair")? else { return Ok(()) };
    mirror::measure(table, &mirror, &file)
}
