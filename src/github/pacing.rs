//! Keeps requests at the pace that GitHub asks for ([`crate::pace`]). An emulated world has no limits.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::clock::Clock;
use crate::pace::{BETWEEN_CHANGES, CHANGES_AN_HOUR};

/// The pace of one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pacing {
    /// The least time between two writes; zero for none.
    pub mutation_interval: Duration,
    /// The most writes in any hour; `None` for no bound.
    pub mutations_per_hour: Option<usize>,
    /// The most concurrent requests.
    pub concurrency: usize,
}

impl Pacing {
    /// The pace that GitHub asks for.
    #[must_use]
    pub fn github() -> Pacing {
        Pacing {
            mutation_interval: BETWEEN_CHANGES,
            mutations_per_hour: Some(CHANGES_AN_HOUR),
            concurrency: 8,
        }
    }

    /// No waiting: for emulated worlds.
    #[must_use]
    pub fn unhurried() -> Pacing {
        Pacing { mutation_interval: Duration::ZERO, mutations_per_hour: None, concurrency: 16 }
    }
}

/// Keeps the pace.
#[derive(Debug)]
pub(super) struct Pacer {
    pacing: Pacing,
    clock: Clock,
    slots: Semaphore,
    ledger: Mutex<Ledger>,
}

#[derive(Debug, Default)]
struct Ledger {
    /// The times of writes, past and booked, oldest first.
    writes: VecDeque<Timestamp>,
    /// A limit was met: nothing is sent before this time.
    held_until: Option<Timestamp>,
}

impl Pacer {
    pub(super) fn new(pacing: Pacing, clock: Clock) -> Pacer {
        let slots = Semaphore::new(pacing.concurrency.max(1));
        Pacer { pacing, clock, slots, ledger: Mutex::default() }
    }

    /// Holds every task of this client until `time`.
    pub(super) fn hold_until(&self, time: Timestamp) {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.held_until = ledger.held_until.max(Some(time));
    }

    /// Waits for the turn of one request; dropping the value frees its slot.
    pub(super) async fn turn(&self, is_read: bool) -> Option<SemaphorePermit<'_>> {
        let now = self.clock.now();
        let time = if is_read { self.held() } else { self.book(now) };
        if let Some(time) = time.filter(|time| *time > now) {
            self.clock.sleep_until(time).await;
        }
        // The semaphore is never closed.
        self.slots.acquire().await.ok()
    }

    fn held(&self) -> Option<Timestamp> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).held_until
    }

    /// Books the next free time for a write.
    fn book(&self, now: Timestamp) -> Option<Timestamp> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if self.pacing.mutation_interval.is_zero() && self.pacing.mutations_per_hour.is_none() {
            return ledger.held_until;
        }
        let mut time = ledger.held_until.unwrap_or(now).max(now);
        if let Some(last) = ledger.writes.back() {
            time = time.max(later(*last, self.pacing.mutation_interval));
        }
        if let Some(most) = self.pacing.mutations_per_hour {
            while ledger.writes.len() > most.max(1) {
                ledger.writes.pop_front();
            }
            if ledger.writes.len() == most.max(1)
                && let Some(first) = ledger.writes.front()
            {
                time = time.max(later(*first, Duration::from_secs(3600)));
            }
        } else {
            ledger.writes.clear();
        }
        ledger.writes.push_back(time);
        Some(time)
    }
}

/// `time` plus `wait`.
pub(super) fn later(time: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| time.checked_add(wait).ok()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock::simulated("2026-03-02T09:00:00Z".parse().unwrap())
    }

    #[tokio::test]
    async fn writes_are_spaced_and_reads_are_not() {
        let clock = clock();
        let pacer = Pacer::new(Pacing::github(), clock.clone());
        for _ in 0..3 {
            pacer.turn(false).await;
        }
        pacer.turn(true).await;
        assert_eq!(clock.now().to_string(), "2026-03-02T09:00:02Z");
    }

    #[tokio::test]
    async fn writes_per_hour_are_bounded() {
        let clock = clock();
        let pacing =
            Pacing { mutation_interval: Duration::ZERO, mutations_per_hour: Some(2), concurrency: 1 };
        let pacer = Pacer::new(pacing, clock.clone());
        for _ in 0..3 {
            pacer.turn(false).await;
        }
        assert_eq!(clock.now().to_string(), "2026-03-02T10:00:00Z");
    }

    #[tokio::test]
    async fn limit_holds_every_task() {
        let clock = clock();
        let pacer = Pacer::new(Pacing::unhurried(), clock.clone());
        pacer.hold_until("2026-03-02T09:05:00Z".parse().unwrap());
        pacer.turn(true).await;
        assert_eq!(clock.now().to_string(), "2026-03-02T09:05:00Z");
    }
}
