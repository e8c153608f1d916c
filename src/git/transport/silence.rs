//! Whether the processes of one run of git still do anything, or a conversation of our own.
//!
//! curl gives up a transfer that stands still, and cannot see one that is over: where a server ends its answer in the middle,
//! `git send-pack` and `git-remote-http` wait for each other, for ever. What they have read, written and computed tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nix::unistd::Pid;

/// How often they are looked at within the time of silence that is allowed.
const LOOKS: u32 = 8;

/// Ends when no process of the group has read, written or computed anything for that long. Where the system does not show it
/// (it is read from `/proc`), it never ends.
pub(super) async fn falls(group: Pid, silence: Duration) {
    let pause = silence / LOOKS;
    let (mut before, mut silent) = (None, Duration::ZERO);
    loop {
        tokio::time::sleep(pause).await;
        let now = done(group);
        silent = if now.is_some() && now == before { silent + pause } else { Duration::ZERO };
        if silent >= silence {
            return;
        }
        before = now;
    }
}

/// What a conversation has done so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Something came, or was taken.
    pub(super) fn happened(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends when nothing has happened for that long.
    pub(super) async fn stops(&self, silence: Duration) {
        let pause = silence / LOOKS;
        let (mut before, mut silent) = (self.0.load(Ordering::Relaxed), Duration::ZERO);
        while silent < silence {
            tokio::time::sleep(pause).await;
            let now = self.0.load(Ordering::Relaxed);
            silent = if now == before { silent + pause } else { Duration::ZERO };
            before = now;
        }
    }
}

/// What each process of the group has done so far: bytes read and written, and ticks of the processor.
fn done(group: Pid) -> Option<Vec<(i32, u64)>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        // One that has ended meanwhile does nothing.
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        if let Some(ticks) = ticks_in(&stat, group) {
            let io = std::fs::read_to_string(entry.path().join("io")).unwrap_or_default();
            all.push((pid, ticks + bytes(&io)));
        }
    }
    all.sort_unstable();
    Some(all)
}

/// The ticks of a process of this group, from its `stat` (proc(5)): the name is in brackets and may hold anything; behind
/// it come the state, the parent and the group, and as 12th and 13th the ticks.
fn ticks_in(stat: &str, group: Pid) -> Option<u64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let is_of_the_group = fields.get(2)?.parse() == Ok(group.as_raw());
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    if is_of_the_group { Some(ticks(11)? + ticks(12)?) } else { None }
}

/// All bytes that were read and written, from a process's `io`.
fn bytes(io: &str) -> u64 {
    let counts = io.lines().filter_map(|line| line.strip_prefix("rchar: ").or(line.strip_prefix("wchar: ")));
    counts.filter_map(|count| count.trim().parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_group_whatever_its_name_is() {
        let stat = "77 (git) remote) 1) S 1 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0";
        assert_eq!(ticks_in(stat, Pid::from_raw(42)), Some(11));
        assert_eq!(ticks_in(stat, Pid::from_raw(43)), None);
        assert_eq!(bytes("rchar: 10\nwchar: 5\nsyscr: 99\n"), 15);
    }
}
