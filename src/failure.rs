//! What a failed call to an outside service means for whoever decides what to do next.
//!
//! Every service's error answers the same three questions, and only these decide: whether the effect may be there all
//! the same, whether waiting alone may help, and what a person can do. The words of an error decide nothing.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Whether the outward effect of a failed call may have happened all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Certainly not: it is safe to act again.
    None,
    /// Unknown: the world is looked at before anything else is done.
    Unknown,
}

/// Whether a failure goes away by waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// It may: a fault of a service or of the connection, a limit, two at the same moment.
    Transient {
        /// What the service itself says about when it may be asked again, if it does.
        retry_after: Option<RetryAfter>,
    },
    /// It is put off in so many words and wants to be asked again, for longer than a fault lasts: greylisting.
    Deferred,
    /// The same call would fail in the same way until somebody changes something.
    Permanent,
}

/// When a service wants to be asked again: HTTP's `Retry-After` knows both forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// At this time.
    At(Timestamp),
    /// This long after it answered.
    In(Duration),
}

impl Persistence {
    /// A transient failure of a service that does not say for how long.
    pub const TRANSIENT: Persistence = Persistence::Transient { retry_after: None };
}

impl RetryAfter {
    /// The time, for an answer that came at `now`.
    #[must_use]
    pub fn from(self, now: Timestamp) -> Timestamp {
        match self {
            RetryAfter::At(time) => time,
            RetryAfter::In(pause) => SignedDuration::try_from(pause)
                .ok()
                .and_then(|pause| now.checked_add(pause).ok())
                .unwrap_or(Timestamp::MAX),
        }
    }
}

/// An error of an outside service. A new service is one more implementation, and the engine knows how to treat it.
pub trait ServiceError: std::error::Error {
    /// Whether the call may have had its effect. Of a call that only reads it is [`Effect::None`].
    fn effect(&self) -> Effect;

    /// Whether waiting alone may help.
    fn persistence(&self) -> Persistence;

    /// What a person can do about it, if there is something beside waiting.
    fn hint(&self) -> Option<&'static str>;
}
