//! What an entry costs beside its command: the sandbox, the checkout and the bookkeeping, against the same command run bare.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::repository;
use crate::table::{Failure, Table, median, ratio};

/// What an entry does, in seconds. A whole test suite takes longer, and hides more.
const WORK: &str = "sleep 0.5";
/// So many entries beside the first one, which pays for planning and for the start.
const ENTRIES: u32 = 20;
const SAMPLES: usize = 5;
const MOST_MS: f64 = 150.0;
const MOST_TIMES: f64 = 1.3;

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (one, many) = (folder.path().join("one"), folder.path().join("many"));
    make_project(&one, 1)?;
    make_project(&many, ENTRIES + 1)?;
    let bare = timed_often(bare_command)?;
    let (alone, all) = (timed_often(|| run_of(&one))?, timed(&mut run_of(&many))?);
    let entry = all.saturating_sub(alone) / ENTRIES;
    let beside = entry.saturating_sub(bare).as_secs_f64() * 1e3;
    table.at_most("matrix: an entry, beside its command", beside, MOST_MS, "ms");
    table.at_most("matrix: an entry against its command run bare", ratio(entry, bare), MOST_TIMES, "times");
    Ok(())
}

/// A repository whose workflow has so many entries.
fn make_project(project: &Path, entries: u32) -> Result<(), Failure> {
    let numbers = (0..entries).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    let label = if cfg!(target_arch = "aarch64") { "ubuntu-24.04-arm" } else { "ubuntu-latest" };
    let text = format!(
        "on: push\njobs:\n  work:\n    strategy: {{ matrix: {{ n: [{numbers}] }} }}\n    runs-on: {label}\n    \
         steps: [{{ uses: actions/checkout@v4 }}, {{ run: {WORK} }}]\n"
    );
    repository::make_project(project, &text)
}

/// The command of an entry by itself, started as a step starts it.
fn bare_command() -> Command {
    let mut command = Command::new("bash");
    command.args(["-e", "-c", WORK]);
    command
}

/// The command that runs all of it, an entry at a time.
fn run_of(project: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    command.args(["matrix", "--rev", "main", "--run", "--json", "--repo"]).arg(project);
    command.arg("--keep").arg(project.join(".git/kept"));
    command
}

fn timed(command: &mut Command) -> Result<Duration, Failure> {
    let began = Instant::now();
    let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if ended.success() { Ok(began.elapsed()) } else { Err("what is measured does not pass".into()) }
}

fn timed_often(mut command: impl FnMut() -> Command) -> Result<Duration, Failure> {
    let times = (0..SAMPLES).map(|_| timed(&mut command())).collect::<Result<Vec<_>, _>>()?;
    Ok(median(times))
}
