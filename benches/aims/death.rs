//! What a worker's death costs: it is killed in the middle of an entry, which another one takes over.

use std::time::{Duration, Instant};

use crate::crew::{Bench, RUNNER, ended};
use crate::table::{Failure, Table};

/// How long the entry takes. The number of seconds is one that no other process here sleeps.
const SECONDS: f64 = 8.25;
/// The aim: times what the entry takes.
const AIM: f64 = 1.0;
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn measure(bench: &Bench, table: &mut Table) -> Result<(), Failure> {
    let text =
        format!("on: push\njobs:\n  a: {{ runs-on: {RUNNER}, steps: [{{ run: sleep {SECONDS} }}] }}\n");
    bench.make_project("slow", &text)?;
    let first = bench.worker("one")?;
    let began = Instant::now();
    let usual = ended(&mut bench.spread("slow", "kept-usual").spawn()?, began)?;

    let began = Instant::now();
    let mut matrix = bench.spread("slow", "kept-after-a-death").spawn()?;
    until_it_sleeps()?;
    let _other = bench.worker("two")?;
    std::thread::sleep(Duration::from_secs_f64(SECONDS / 2.0));
    drop(first);
    let disturbed = ended(&mut matrix, began)?;
    let cost = disturbed.saturating_sub(usual).as_secs_f64() / SECONDS;
    table.at_most("matrix: a worker killed in the middle of an entry, times the entry", cost, AIM, "x");
    Ok(())
}

/// The entry runs, as the processes of this machine tell.
fn until_it_sleeps() -> Result<(), Failure> {
    let wanted = format!("sleep\0{SECONDS}\0");
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let processes = std::fs::read_dir("/proc")?.filter_map(Result::ok);
        let mut lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
        if lines.any(|line| line == wanted.as_bytes()) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err("the entry does not begin".into())
}
