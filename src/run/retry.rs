//! When a step that failed is tried again by itself.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::failure::Persistence;

/// How often a step is tried before people are asked, the first time included.
pub(super) const ATTEMPTS: u32 = 4;
/// The pause before the second attempt. A client has repeated what is safe to repeat for half a minute by then.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
/// How much longer each further pause is: 15 s, 1 min, 4 min. Together they outlast a deployment of the service, and
/// none is so long that the run ends before it.
const FACTOR: f32 = 4.0;

/// A further attempt that is made without anybody's doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Which attempt it is, from 2.
    pub attempt: u32,
    /// How many are made before people are asked.
    pub of: u32,
    /// When.
    pub at: Timestamp,
}

/// The next attempt of a step that has failed so often in a row, `None` if people must do something first.
pub(super) fn after(persistence: Persistence, failures: u32, now: Timestamp) -> Option<Retry> {
    let Persistence::Transient { retry_after } = persistence else { return None };
    let pause = pauses().nth(failures.checked_sub(1)? as usize)?;
    let at = now.checked_add(SignedDuration::try_from(pause).ok()?).ok()?;
    // Asking earlier than a service wants to be asked only prolongs its limit.
    let at = retry_after.map_or(at, |wanted| at.max(wanted.from(now)));
    Some(Retry { attempt: failures + 1, of: ATTEMPTS, at })
}

fn pauses() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::new()
        .with_min_delay(FIRST_PAUSE)
        .with_factor(FACTOR)
        .without_max_delay()
        .with_max_times(ATTEMPTS as usize - 1)
        .build()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::failure::RetryAfter;

    const NOW: &str = "2026-03-02T16:00:00Z";

    #[rstest]
    #[case(1, Some((2, "2026-03-02T16:00:15Z")))]
    #[case(2, Some((3, "2026-03-02T16:01:00Z")))]
    #[case(3, Some((4, "2026-03-02T16:04:00Z")))]
    #[case(4, None)]
    #[case(40, None)]
    fn pauses_grow_and_end(#[case] failures: u32, #[case] expected: Option<(u32, &str)>) {
        let retry = after(Persistence::TRANSIENT, failures, NOW.parse().unwrap());
        let expected = expected.map(|(attempt, at)| Retry { attempt, of: ATTEMPTS, at: at.parse().unwrap() });
        assert_eq!(retry, expected);
    }

    #[rstest]
    #[case(RetryAfter::At("2026-03-02T17:00:00Z".parse().unwrap()), "2026-03-02T17:00:00Z")]
    #[case(RetryAfter::At("2026-03-02T15:00:00Z".parse().unwrap()), "2026-03-02T16:00:15Z")]
    #[case(RetryAfter::In(Duration::from_secs(90)), "2026-03-02T16:01:30Z")]
    fn a_service_is_not_asked_earlier_than_it_wants(#[case] wanted: RetryAfter, #[case] at: &str) {
        let persistence = Persistence::Transient { retry_after: Some(wanted) };
        assert_eq!(after(persistence, 1, NOW.parse().unwrap()).unwrap().at, at.parse().unwrap());
    }

    #[test]
    fn what_lasts_is_not_tried_again() {
        assert_eq!(after(Persistence::Permanent, 1, NOW.parse().unwrap()), None);
    }
}
