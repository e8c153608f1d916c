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

/// The longest pause before what was put off is asked again: no run ends before it.
const LONGEST_DEFERRAL: SignedDuration = SignedDuration::from_mins(10);

/// The next attempt of a step that has failed so often in a row, `None` if people must do something first. What was put
/// off by whoever is asked is asked again until `patience` is at its end.
pub(super) fn after(
    persistence: Persistence,
    failures: u32,
    patience: SignedDuration,
    now: Timestamp,
) -> Option<Retry> {
    let retry_after = match persistence {
        Persistence::Transient { retry_after } => retry_after,
        Persistence::Deferred => return deferred(failures, patience, now),
        Persistence::Permanent => return None,
    };
    let pause = pauses().nth(failures.checked_sub(1)? as usize)?;
    let at = now.checked_add(SignedDuration::try_from(pause).ok()?).ok()?;
    // Asking earlier than a service wants to be asked only prolongs its limit.
    let at = retry_after.map_or(at, |wanted| at.max(wanted.from(now)));
    // Nobody waits for years because a header says so: people see what it says, and decide.
    if at.duration_since(now) > patience.max(LONGEST_DEFERRAL) {
        return None;
    }
    Some(Retry { attempt: failures + 1, of: ATTEMPTS, at })
}

/// A minute, two, four, eight, and then ten again and again: servers that put mail off do so for one to thirty minutes.
fn deferred(failures: u32, patience: SignedDuration, now: Timestamp) -> Option<Retry> {
    let mut passed = SignedDuration::ZERO;
    let pause = |nth: u32| SignedDuration::from_mins(1 << nth.min(4)).min(LONGEST_DEFERRAL);
    let pauses: Vec<SignedDuration> = (0..)
        .map(pause)
        .take_while(|pause| {
            passed = passed.saturating_add(*pause);
            passed <= patience
        })
        .collect();
    let pause = *pauses.get(failures.checked_sub(1)? as usize)?;
    let of = u32::try_from(pauses.len() + 1).unwrap_or(u32::MAX);
    Some(Retry { attempt: failures + 1, of, at: now.checked_add(pause).ok()? })
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
    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    #[rstest]
    #[case(1, Some((2, "2026-03-02T16:01:00Z")))]
    #[case(4, Some((5, "2026-03-02T16:08:00Z")))]
    #[case(8, Some((9, "2026-03-02T16:10:00Z")))]
    #[case(9, None)]
    fn what_is_put_off_is_asked_again_until_patience_ends(
        #[case] failures: u32,
        #[case] expected: Option<(u32, &str)>,
    ) {
        let retry = after(Persistence::Deferred, failures, HOUR, NOW.parse().unwrap());
        let expected = expected.map(|(attempt, at)| Retry { attempt, of: 9, at: at.parse().unwrap() });
        assert_eq!(retry, expected);
    }

    #[rstest]
    #[case(1, Some((2, "2026-03-02T16:00:15Z")))]
    #[case(2, Some((3, "2026-03-02T16:01:00Z")))]
    #[case(3, Some((4, "2026-03-02T16:04:00Z")))]
    #[case(4, None)]
    #[case(40, None)]
    fn pauses_grow_and_end(#[case] failures: u32, #[case] expected: Option<(u32, &str)>) {
        let retry = after(Persistence::TRANSIENT, failures, HOUR, NOW.parse().unwrap());
        let expected = expected.map(|(attempt, at)| Retry { attempt, of: ATTEMPTS, at: at.parse().unwrap() });
        assert_eq!(retry, expected);
    }

    #[rstest]
    #[case(RetryAfter::At("2026-03-02T17:00:00Z".parse().unwrap()), "2026-03-02T17:00:00Z")]
    #[case(RetryAfter::At("2026-03-02T15:00:00Z".parse().unwrap()), "2026-03-02T16:00:15Z")]
    #[case(RetryAfter::In(Duration::from_secs(90)), "2026-03-02T16:01:30Z")]
    fn a_service_is_not_asked_earlier_than_it_wants(#[case] wanted: RetryAfter, #[case] at: &str) {
        let persistence = Persistence::Transient { retry_after: Some(wanted) };
        assert_eq!(after(persistence, 1, HOUR, NOW.parse().unwrap()).unwrap().at, at.parse().unwrap());
    }

    #[test]
    fn a_service_that_wants_to_be_left_alone_beyond_patience_is_for_people() {
        let persistence = |seconds| Persistence::Transient {
            retry_after: Some(RetryAfter::In(Duration::from_secs(seconds))),
        };
        let now: Timestamp = NOW.parse().unwrap();
        assert_eq!(after(persistence(3600), 1, HOUR, now).unwrap().at, now + HOUR);
        for long in [3601, 31_536_000, u64::MAX] {
            assert_eq!(after(persistence(long), 1, HOUR, now), None);
        }
    }

    #[test]
    fn what_lasts_is_not_tried_again() {
        assert_eq!(after(Persistence::Permanent, 1, HOUR, NOW.parse().unwrap()), None);
    }
}
