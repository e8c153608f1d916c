//! The hour at which the embargo of a release is said to have broken.

use jiff::Timestamp;

use crate::next_action::{Advice, NextAction};

/// Why an hour is none at which an embargo broke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongHour {
    /// The announced hour is there already.
    #[error("the disclosure time, {disclosure}, has come: nothing waits for it any more")]
    Come {
        /// The announced hour.
        disclosure: Timestamp,
    },
    /// Nobody can have noticed it yet.
    #[error("{at} is to come: it is {now:.0}")]
    ToCome {
        /// The hour that was given.
        at: Timestamp,
        /// What time it is.
        now: Timestamp,
    },
    /// The run was not under way.
    #[error("{at} is before the run was started, at {started:.0}")]
    BeforeStart {
        /// The hour that was given.
        at: Timestamp,
        /// When the run was started.
        started: Timestamp,
    },
}

impl WrongHour {
    pub(super) fn instead(&self) -> Vec<Advice> {
        match self {
            WrongHour::Come { .. } => vec![Advice::then("to see what is waited for", NextAction::ShowStatus)],
            WrongHour::ToCome { .. } => vec![Advice::then(
                "for an hour that is to come, write it into release.toml, then",
                NextAction::Amend { digest: None },
            )],
            WrongHour::BeforeStart { .. } => vec!["give the hour at which it was noticed".into()],
        }
    }
}

/// That hour: the one that is given, or now, in whole seconds.
pub(super) fn hour_of_notice(
    given: Option<Timestamp>,
    now: Timestamp,
    started: Timestamp,
    disclosure: Timestamp,
) -> Result<Timestamp, WrongHour> {
    let whole = Timestamp::from_second(now.as_second()).unwrap_or(now);
    match given.unwrap_or(whole) {
        _ if disclosure <= now => Err(WrongHour::Come { disclosure }),
        at if at > now => Err(WrongHour::ToCome { at, now }),
        at if at.as_second() < started.as_second() => Err(WrongHour::BeforeStart { at, started }),
        at => Ok(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hour_is_between_the_start_and_now_and_before_the_announced_one() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (started, now) = (at("2026-03-02T09:00:00.5Z"), at("2026-03-03T10:00:00.7Z"));
        let hour = |given: Option<&str>, disclosure: &str| {
            hour_of_notice(given.map(at), now, started, at(disclosure))
        };
        let announced = "2026-03-06T15:00:00Z";
        assert_eq!(hour(None, announced), Ok(at("2026-03-03T10:00:00Z")));
        assert_eq!(hour(Some("2026-03-03T08:00:00Z"), announced), Ok(at("2026-03-03T08:00:00Z")));
        for (given, disclosure, told) in [
            (None, "2026-03-03T10:00:00Z", "has come"),
            (Some("2026-03-03T10:00:01Z"), announced, "is to come"),
            (Some("2026-03-02T08:00:00Z"), announced, "before the run was started"),
        ] {
            let refusal = hour(given, disclosure).unwrap_err();
            assert!(refusal.to_string().contains(told) && !refusal.instead().is_empty(), "{refusal}");
        }
    }
}
