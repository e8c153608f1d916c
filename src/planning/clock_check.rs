//! Whether this machine's clock goes right: the hour of a release is read from it.

use jiff::{SignedDuration, Timestamp};

use crate::github::GitHubError;
use crate::wording::span;
use crate::world::World;

/// How far it may be off.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(1);

/// The machine's clock is not GitHub's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the clock of this machine is {} {side} that of GitHub: the release would not begin at its hour", span(*.seconds))]
pub struct ClockFault {
    /// How far it is off, in seconds.
    seconds: u64,
    /// `ahead of` or `behind`.
    side: &'static str,
}

impl ClockFault {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        "set the clock of this machine: `sudo timedatectl set-ntp true`, or what its system has for that"
    }
}

/// Compares the clock of a world with the one of its GitHub.
///
/// # Errors
/// When GitHub gives no answer.
pub(super) async fn look_at_clock(world: &World) -> Result<Option<ClockFault>, GitHubError> {
    let there = world.github.time().await?;
    Ok(there.and_then(|there| compared(world.clock.now(), there)))
}

fn compared(here: Timestamp, there: Timestamp) -> Option<ClockFault> {
    let off = here.duration_since(there);
    let side = if off.is_positive() { "ahead of" } else { "behind" };
    (off.abs() > TOLERANCE).then(|| ClockFault { seconds: off.as_secs().unsigned_abs(), side })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_minute_is_a_fault_on_either_side() {
        let there: Timestamp = "2026-03-10T16:00:00Z".parse().unwrap();
        let told = |here: &str| compared(here.parse().unwrap(), there).map(|fault| fault.to_string());
        assert_eq!(told("2026-03-10T16:00:59Z"), None);
        assert_eq!(told("2026-03-10T15:59:01Z"), None);
        let ahead = told("2026-03-10T16:12:00Z").unwrap();
        assert!(ahead.contains("12 min ahead of that of GitHub"), "{ahead}");
        let behind = told("2026-03-10T14:00:00Z").unwrap();
        assert!(behind.contains("2 h behind"), "{behind}");
    }
}
