//! The clock of a world: the system's, or a simulated one whose waiting takes no real time.
//!
//! Everything that asks for the hour or waits for one asks this value, so that a rehearsal may wait a week
//! for its disclosure hour in no time, and a test may set the hour.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// A clock; clones share the same time.
#[derive(Debug, Clone)]
pub struct Clock(Kind);

#[derive(Debug, Clone)]
enum Kind {
    System,
    /// Milliseconds since the epoch. It moves only when somebody sleeps.
    Simulated(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Clock {
        Clock(Kind::System)
    }

    /// A clock that starts at `start` and jumps over every wait.
    #[must_use]
    pub fn simulated(start: Timestamp) -> Clock {
        Clock(Kind::Simulated(Arc::new(AtomicI64::new(start.as_millisecond()))))
    }

    /// Whether waiting on this clock takes no real time.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        matches!(self.0, Kind::Simulated(_))
    }

    /// The present hour.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => Timestamp::now(),
            Kind::Simulated(millis) => {
                Timestamp::from_millisecond(millis.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// Waits until `hour`; returns at once if it has passed.
    pub async fn sleep_until(&self, hour: Timestamp) {
        match &self.0 {
            Kind::System => {
                // In slices, so that a suspended laptop or a corrected clock is noticed within a minute.
                loop {
                    let left = hour.duration_since(Timestamp::now());
                    if left <= jiff::SignedDuration::ZERO {
                        return;
                    }
                    let slice = Duration::try_from(left).unwrap_or_default().min(Duration::from_secs(60));
                    tokio::time::sleep(slice).await;
                }
            }
            Kind::Simulated(millis) => {
                millis.fetch_max(hour.as_millisecond(), Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        }
    }

    /// Waits for `time` from now.
    pub async fn sleep(&self, time: Duration) {
        let hour = jiff::SignedDuration::try_from(time)
            .ok()
            .and_then(|time| self.now().checked_add(time).ok())
            .unwrap_or(Timestamp::MAX);
        self.sleep_until(hour).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn simulated_wait_takes_no_time_and_never_goes_back() {
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let clock = Clock::simulated(start);
        let twin = clock.clone();
        clock.sleep(Duration::from_secs(7 * 24 * 3600)).await;
        assert_eq!(twin.now().to_string(), "2026-03-09T09:00:00Z");
        twin.sleep_until(start).await;
        assert_eq!(clock.now().to_string(), "2026-03-09T09:00:00Z");
    }
}
