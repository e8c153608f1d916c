//! One process, measured whole: how long it took, the processor time of it and of what it started, and its memory.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::cpu::children;
use crate::table::Failure;

/// How often a process that is running is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// What a process took.
pub(crate) struct Measured {
    /// From start to end.
    pub(crate) wall: Duration,
    /// Processor time of the process and of all that it waited for, in seconds.
    pub(crate) cpu: f64,
    /// The most memory that the process itself held, in MiB; what it starts is not in it. Known on Linux only.
    pub(crate) memory: f64,
    /// What it printed to its output.
    pub(crate) printed: Vec<u8>,
}

/// Runs a command to its end; one that fails is an error with its last lines.
pub(crate) fn measured(command: &mut Command) -> Result<Measured, Failure> {
    // Files, not pipes: nobody has to read along.
    let (output, errors) = (tempfile::NamedTempFile::new()?, tempfile::NamedTempFile::new()?);
    command.stdin(Stdio::null()).stdout(output.reopen()?).stderr(errors.reopen()?);
    let before = children()?;
    let started = Instant::now();
    let mut child = command.spawn()?;
    let mut memory = 0.0;
    let status = loop {
        memory = peak(child.id()).unwrap_or(memory);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    let wall = started.elapsed();
    if !status.success() {
        let said = std::fs::read_to_string(errors.path())?;
        let last: Vec<&str> = said.lines().rev().take(12).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        return Err(format!("{command:?} ended with {status}:\n{}", last.join("\n")).into());
    }
    let cpu = children()?.saturating_sub(before).as_secs_f64();
    Ok(Measured { wall, cpu, memory, printed: std::fs::read(output.path())? })
}

/// The most that a process has held so far, in MiB.
fn peak(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}
