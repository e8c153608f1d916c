//! How long a command may take, as people write it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// A positive length of time: a number of seconds, or text such as `10m` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "WrittenTimeLimit", into = "String")]
#[schemars(with = "WrittenTimeLimit")]
pub struct TimeLimit(Duration);

/// Not a length of time, or none at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a time limit: expected seconds, or text such as `10m` or `1h 30m`, at most 7 days")]
pub struct InvalidTimeLimit {
    /// What was written.
    pub text: String,
}

/// The two forms in a file.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
enum WrittenTimeLimit {
    Seconds(u32),
    Text(String),
}

impl TimeLimit {
    /// The limit as a duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl Default for TimeLimit {
    /// Half an hour: longer than most suites, short enough to notice before the disclosure time.
    fn default() -> Self {
        TimeLimit(Duration::from_secs(30 * 60))
    }
}

impl TryFrom<Duration> for TimeLimit {
    type Error = InvalidTimeLimit;

    fn try_from(time: Duration) -> Result<Self, InvalidTimeLimit> {
        if time.is_zero() { Err(InvalidTimeLimit { text: "0s".into() }) } else { Ok(TimeLimit(time)) }
    }
}

/// What people may write: in less nothing is tested, and nobody notices in time what hangs for longer.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl FromStr for TimeLimit {
    type Err = InvalidTimeLimit;

    /// As on a command line: a number is seconds there, too.
    fn from_str(text: &str) -> Result<Self, InvalidTimeLimit> {
        let seconds = text.parse().map(WrittenTimeLimit::Seconds);
        seconds.unwrap_or_else(|_| WrittenTimeLimit::Text(text.to_owned())).try_into()
    }
}

impl TryFrom<WrittenTimeLimit> for TimeLimit {
    type Error = InvalidTimeLimit;

    fn try_from(written: WrittenTimeLimit) -> Result<Self, InvalidTimeLimit> {
        let (time, text) = match written {
            WrittenTimeLimit::Seconds(seconds) => {
                (Some(Duration::from_secs(u64::from(seconds))), seconds.to_string())
            }
            WrittenTimeLimit::Text(text) => {
                (text.parse::<SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok()), text)
            }
        };
        let time = time.filter(|time| (SHORTEST..=LONGEST).contains(time));
        time.and_then(|time| TimeLimit::try_from(time).ok()).ok_or(InvalidTimeLimit { text })
    }
}

impl From<TimeLimit> for String {
    fn from(limit: TimeLimit) -> String {
        limit.to_string()
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", SignedDuration::try_from(self.0).unwrap_or(SignedDuration::MAX))
    }
}
