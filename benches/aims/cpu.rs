//! What a process costs: the CPU seconds of it and its children, in user and system together.

use std::process::Command;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::table::Failure;

/// What a process printed, and what it cost.
pub(crate) struct Spent {
    pub(crate) cpu: Duration,
    pub(crate) printed: Vec<u8>,
    pub(crate) status: Option<i32>,
}

/// Runs a command to its end. Nothing else may be run meanwhile.
pub(crate) fn spent(command: &mut Command) -> Result<Spent, Failure> {
    let before = children()?;
    let output = command.output()?;
    let cpu = children()?.saturating_sub(before);
    Ok(Spent { cpu, printed: output.stdout, status: output.status.code() })
}

/// What the children that have ended cost so far. Unlike the wall time, it does not depend on who else is at work.
pub(crate) fn children() -> Result<Duration, Failure> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(duration(usage.user_time())? + duration(usage.system_time())?)
}

fn duration(time: TimeVal) -> Result<Duration, Failure> {
    Ok(Duration::new(time.tv_sec().try_into()?, u32::try_from(time.tv_usec())? * 1000))
}
