//! A whole rehearsal of twenty repositories with five lines each, by the command itself.

use crate::laid_out::LaidOut;
use crate::shape::Shape;
use crate::table::{Failure, Table};

/// The aim for the whole, in seconds.
const SECONDS: f64 = 120.0;
/// The aim for the requests of one target.
const REQUESTS: f64 = 30.0;

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let shape = Shape::ONE_ADVISORY;
    let release = LaidOut::new(&shape)?;
    let took = release.rehearse()?;
    let what = format!("rehearsal: {} repositories x {} lines", shape.repositories, shape.lines);
    table.at_most(format!("{what}, wall time"), took.wall.as_secs_f64(), SECONDS, "s");
    table.measure(format!("{what}, processor time of all processes"), format!("{:.1} s", took.cpu));
    let requests = release.requests()?;
    table.measure("rehearsal: API requests in all", requests.to_string());
    // A target is a branch that receives something: the default branches take the fix too.
    let each = |count: usize| requests as f64 / count as f64;
    let (targets, released) = (shape.targets(), shape.released());
    table.at_most(format!("rehearsal: API requests per target ({targets})"), each(targets), REQUESTS, "");
    table.measure(
        format!("rehearsal: the same per released branch ({released})"),
        format!("{:.1}", each(released)),
    );
    if let Some(kept) = std::env::var_os("LOCKGATE_BENCH_KEEP") {
        std::fs::copy(release.out().join("requests.jsonl"), kept)?;
    }
    Ok(())
}
