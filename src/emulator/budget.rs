//! The primary rate limit: requests per caller and hour of the world's clock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::emulator::model::StoredAccount;

/// Requests per caller and hour of the world.
pub(crate) struct Budget {
    limit: u32,
    used: Mutex<HashMap<String, (i64, u32)>>,
}

/// What the rate-limit headers say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    pub(crate) limit: u32,
    pub(crate) used: u32,
    pub(crate) reset: i64,
}

impl Allowance {
    /// How many requests are left.
    pub(crate) fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    /// Whether this request is one too many.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.used > self.limit
    }
}

/// Whose requests are counted together; anonymous ones are.
pub(crate) fn caller(viewer: Option<&StoredAccount>) -> &str {
    viewer.map_or("", |viewer| viewer.login.as_str())
}

impl Budget {
    pub(crate) fn new(limit: u32) -> Budget {
        Budget { limit, used: Mutex::new(HashMap::new()) }
    }

    /// Counts one request (or none) of a caller.
    pub(crate) fn spend(&self, caller: &str, now: Timestamp, requests: u32) -> Allowance {
        self.count(caller, now, |used| used.saturating_add(requests))
    }

    /// Takes back what was counted of a caller's request that turned out to be free.
    pub(crate) fn give_back(&self, caller: &str, now: Timestamp) -> Allowance {
        self.count(caller, now, |used| used.saturating_sub(1))
    }

    fn count(&self, caller: &str, now: Timestamp, counted: impl FnOnce(u32) -> u32) -> Allowance {
        let hour = now.as_second().div_euclid(3600);
        let mut all = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all.entry(caller.to_owned()).or_insert((hour, 0));
        if entry.0 != hour {
            *entry = (hour, 0);
        }
        entry.1 = counted(entry.1);
        Allowance { limit: self.limit, used: entry.1, reset: (hour + 1) * 3600 }
    }
}
