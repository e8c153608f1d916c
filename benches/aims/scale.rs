//! Large releases: forty advisories in two hundred lines that depend on one another, and one advisory in a hundred
//! repositories. Planned, rehearsed and looked at by the command itself.
//!
//! `LOCKGATE_BENCH_SHARE=N` makes both N times smaller in repositories, for a look on the way.
//! `LOCKGATE_BENCH_SHAPE=25x2x1x1` measures one release of so many repositories, lines, advisories and levels instead;
//! with `LOCKGATE_BENCH_KEEP=DIR` its folder is kept there, to be looked into with other tools.

use crate::laid_out::LaidOut;
use crate::measured::measured;
use crate::shape::Shape;
use crate::table::{Failure, Table};

/// The large releases.
const MANY_ADVISORIES: Shape = Shape { repositories: 20, lines: 10, advisories: 40, levels: 4 };
const MANY_REPOSITORIES: Shape = Shape { repositories: 100, lines: 2, advisories: 1, levels: 1 };

/// Aims: a plan in seconds and MiB, a rehearsal in milliseconds a pair of target and advisory, how it grows when the
/// targets are doubled, requests a target, MiB of a run, and seconds of what people look at.
const PLAN_SECONDS: f64 = 0.3;
const PLAN_MEMORY: f64 = 200.0;
const PAIR_MS: f64 = 150.0;
const DOUBLED: f64 = 2.2;
const REQUESTS: f64 = 20.0;
const RUN_MEMORY: f64 = 300.0;
const STATUS_SECONDS: f64 = 0.2;
const RESUME_SECONDS: f64 = 1.0;

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    if let Ok(asked) = std::env::var("LOCKGATE_BENCH_SHAPE") {
        let shape = asked.parse().map_err(|()| format!("LOCKGATE_BENCH_SHAPE: {asked} is no shape"))?;
        return rehearsed(table, &shape).map(drop);
    }
    let share = std::env::var("LOCKGATE_BENCH_SHARE").ok().and_then(|share| share.parse().ok()).unwrap_or(1);
    for shape in [MANY_ADVISORIES, MANY_REPOSITORIES] {
        let whole = Shape { repositories: shape.repositories / share, ..shape };
        let half = Shape { repositories: whole.repositories / 2, ..whole };
        let smaller = rehearsed(table, &half)?;
        let larger = rehearsed(table, &whole)?;
        // Advisories reach fewer repositories where there are fewer: what was asked for is counted, not assumed.
        let asked = whole.pairs() as f64 / half.pairs() as f64;
        let what = format!("scale: {}: twice the targets, processor time", named(&whole));
        table.at_most(what, larger / smaller * 2.0 / asked, DOUBLED, "x");
    }
    Ok(())
}

/// Measures one release, and gives the processor seconds of its rehearsal.
fn rehearsed(table: &mut Table, shape: &Shape) -> Result<f64, Failure> {
    let release = LaidOut::new(shape)?;
    let name = format!("scale: {}", named(shape));
    plan(table, &name, &release)?;
    let run = release.rehearse()?;
    let pairs = shape.pairs();
    let each = run.cpu * 1e3 / pairs as f64;
    table.at_most(format!("{name}: rehearsal, processor time a pair ({pairs})"), each, PAIR_MS, "ms");
    table.measure(format!("{name}: rehearsal, wall time"), format!("{:.1} s", run.wall.as_secs_f64()));
    table.at_most(format!("{name}: rehearsal, memory"), run.memory, RUN_MEMORY, "MiB");
    let requests = release.requests()? as f64 / shape.targets() as f64;
    table.at_most(format!("{name}: requests a target ({})", shape.targets()), requests, REQUESTS, "");
    looked_at(table, &name, &release)?;
    if let Some(kept) = std::env::var_os("LOCKGATE_BENCH_KEEP") {
        release.keep(kept.as_ref())?;
    }
    Ok(run.cpu)
}

/// The plan of the whole, as a process, and that it is the same twice.
fn plan(table: &mut Table, name: &str, release: &LaidOut) -> Result<(), Failure> {
    let planned = || measured(&mut release.lockgate(&["plan", ".", "--json"]));
    let (first, second) = (planned()?, planned()?);
    if first.printed != second.printed {
        return Err(format!("{name}: two plans of the same inputs differ").into());
    }
    let seconds = first.cpu.min(second.cpu);
    table.at_most(format!("{name}: plan, processor time"), seconds, PLAN_SECONDS, "s");
    table.at_most(format!("{name}: plan, memory"), first.memory, PLAN_MEMORY, "MiB");
    Ok(())
}

/// What people do with a run of that size: look at it, and go on with it.
fn looked_at(table: &mut Table, name: &str, release: &LaidOut) -> Result<(), Failure> {
    let log = measured(&mut release.lockgate(&["log", "--dir", "OUT", "--json"]))?;
    let told: serde_json::Value = serde_json::from_slice(&log.printed)?;
    let events = told["result"].as_array().map_or(0, Vec::len);
    let status = measured(&mut release.lockgate(&["status", "--dir", "OUT"]))?;
    let resume = measured(&mut release.lockgate(&["resume", "--dir", "OUT"]))?;
    let journal = std::fs::metadata(release.out().join("journal.db"))?.len() as f64 / 1048576.0;
    table.measure(format!("{name}: events, and journal"), format!("{events}, {journal:.1} MiB"));
    table.at_most(format!("{name}: status"), status.wall.as_secs_f64(), STATUS_SECONDS, "s");
    table.at_most(
        format!("{name}: resume of the finished run"),
        resume.wall.as_secs_f64(),
        RESUME_SECONDS,
        "s",
    );
    Ok(())
}

fn named(shape: &Shape) -> String {
    format!("{} x {} lines, {} advisories", shape.repositories, shape.lines, shape.advisories)
}
