//! The clock of a world: the system's, or a simulated one whose waiting takes no real time.
//!
//! Everything that needs the time, or waits for one, takes it from this value, so that a rehearsal may wait a week
//! for its disclosure time at once, and a test may set the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// A clock; clones share the same time.
#[derive(Debug, Clone)]
pub struct Clock(TimeSource);

#[derive(Debug, Clone)]
enum TimeSource {
    System,
    /// Milliseconds since the epoch. It moves only when somebody sleeps.
    Simulated(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Clock {
        Clock(TimeSource::System)
    }

    /// A clock that starts at `start` and jumps over every wait.
    #[must_use]
    pub fn simulated(start: Timestamp) -> Clock {
        Clock(TimeSource::Simulated(Arc::new(AtomicI64::new(start.as_millisecond()))))
    }

    /// Whether waiting on this clock takes no real time.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        matches!(self.0, TimeSource::Simulated(_))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            TimeSource::System => Timestamp::now(),
            TimeSource::Simulated(millis) => {
                Timestamp::from_millisecond(millis.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// Waits until `time`; returns at once if it has passed.
    pub async fn sleep_until(&self, time: Timestamp) {
        match &self.0 {
            TimeSource::System => {
                // In slices, so that a suspended laptop or a corrected clock is noticed within a minute.
                loop {
                    let left = time.duration_since(Timestamp::now());
                    if left <= jiff::SignedDuration::ZERO {
                        return;
                    }
                    let slice = Duration::try_from(left).unwrap_or_default().min(Duration::from_secs(60));
                    tokio::time::sleep(slice).await;
                }
            }
            TimeSource::Simulated(millis) => {
                millis.fetch_max(time.as_millisecond(), Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        }
    }

    /// Waits for `duration` from now.
    pub async fn sleep(&self, duration: Duration) {
        let time = jiff::SignedDuration::try_from(duration)
            .ok()
            .and_then(|duration| self.now().checked_add(duration).ok())
            .unwrap_or(Timestamp::MAX);
        self.sleep_until(time).await;
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
