//! A whole rehearsal of twenty repositories with five lines each, by the command itself; the suite of each is
//! `true`, so that what it costs to build a project stays out.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::release::{LINES, RELEASED, REPOSITORIES, catalog, release, world};
use crate::repository::{git, import, output, small};
use crate::table::{Failure, Table};

/// The aim for the whole, in seconds.
const SECONDS: f64 = 120.0;
/// The aim for the requests of one target.
const REQUESTS: f64 = 30.0;

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    lay_out(folder.path())?;
    let out = folder.path().join("OUT");
    let before = child_seconds();
    let started = Instant::now();
    let ended = Command::new(env!("CARGO_BIN_EXE_lockgate"))
        .arg("rehearse")
        .arg(folder.path())
        .arg("--keep")
        .arg(&out)
        .stdin(Stdio::null())
        .output()?;
    let took = started.elapsed();
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr);
        let last: Vec<&str> = said.lines().rev().take(12).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        return Err(format!("the rehearsal ended with {}:\n{}", ended.status, last.join("\n")).into());
    }
    let what = format!("rehearsal: {REPOSITORIES} repositories x {LINES} lines");
    table.at_most(format!("{what}, wall time"), took.as_secs_f64(), SECONDS, "s");
    if let (Some(before), Some(after)) = (before, child_seconds()) {
        table.measure(format!("{what}, processor time of all processes"), format!("{:.1} s", after - before));
    }
    let requests = std::fs::read_to_string(out.join("requests.jsonl"))?.lines().count();
    table.measure("rehearsal: API requests in all", requests.to_string());
    // A target is a branch that receives something: the default branches take the fix too.
    let targets = REPOSITORIES * (LINES + 1);
    let each = |count: usize| requests as f64 / count as f64;
    table.at_most(format!("rehearsal: API requests per target ({targets})"), each(targets), REQUESTS, "");
    table.measure(
        format!("rehearsal: the same per released branch ({RELEASED})"),
        format!("{:.1}", each(RELEASED)),
    );
    if let Some(kept) = std::env::var_os("LOCKGATE_BENCH_KEEP") {
        std::fs::copy(out.join("requests.jsonl"), kept)?;
    }
    Ok(())
}

fn lay_out(folder: &Path) -> Result<(), Failure> {
    import(&folder.join("public.git"), &small(false))?;
    import(&folder.join("private.git"), &small(true))?;
    let fix = output(git(&folder.join("private.git")).args(["rev-parse", "refs/heads/fix"]))?;
    std::fs::write(folder.join("catalog.toml"), catalog())?;
    std::fs::write(folder.join("release.toml"), release(&fix))?;
    std::fs::write(folder.join("world.toml"), world())?;
    Ok(())
}

/// The processor time of the children that have ended: unlike the wall time, it does not depend on who else is at
/// work. Known on Linux only, where a second has a hundred ticks.
fn child_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may hold spaces; `cutime` and `cstime` are the 14th and 15th field behind it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}
