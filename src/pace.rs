//! How fast requests may follow each other at GitHub, for those who keep to it and those who say how long it makes things last.
//!
//! Its secondary limits: about 80 writes a minute and 500 an hour that create content; its best practices ask for a second
//! between writes (docs, "Rate limits for the REST API").

use std::time::Duration;

/// The least time between two requests that change something. It also keeps below 80 a minute.
pub const BETWEEN_CHANGES: Duration = Duration::from_secs(1);

/// How many that change something are sent in any hour.
pub const CHANGES_AN_HOUR: usize = 500;

/// How many requests a person's token has in an hour. A GitHub App has more.
pub const REQUESTS_AN_HOUR: usize = 5_000;

/// How long so many changes take at that pace, if nothing else holds them up.
#[must_use]
pub fn of_changes(count: usize) -> Duration {
    let later = count.saturating_sub(1);
    let hours = u32::try_from(later / CHANGES_AN_HOUR).unwrap_or(u32::MAX);
    let rest = u32::try_from(later % CHANGES_AN_HOUR).unwrap_or(u32::MAX);
    Duration::from_secs(3600).saturating_mul(hours).saturating_add(BETWEEN_CHANGES.saturating_mul(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_beyond_an_hours_share_wait_for_the_next_hour() {
        let seconds = |count| of_changes(count).as_secs();
        assert_eq!([0, 1, 2, 500].map(seconds), [0, 0, 1, 499]);
        assert_eq!([501, 502, 1001].map(seconds), [3600, 3601, 7200]);
    }
}
