//! When a request is retried, and after which wait.
//!
//! A read may be retried. A write is retried only when it certainly was not carried out: a limit was met, or no
//! connection was made. Everything else goes to the caller, who looks at the world first (invariant 6).

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use http::HeaderMap;
use jiff::Timestamp;

use super::classify::classify;
use super::error::{Class, GitHubError};
use super::pacing::later;

/// How long a client retries one request before it gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The most time that one request may spend waiting in total.
    pub total: Duration,
    /// How often a request is sent at most when the service or the connection fails.
    pub attempts: usize,
}

impl Default for Patience {
    /// Fifteen minutes and six attempts: longer than most outages of GitHub, shorter than a release day.
    fn default() -> Patience {
        Patience { total: Duration::from_secs(15 * 60), attempts: 6 }
    }
}

/// The shortest wait when a limit is met and GitHub does not say how long (docs: "wait for at least one minute").
const LIMIT_FLOOR: Duration = Duration::from_secs(60);

/// The waits of one request.
#[derive(Debug)]
pub(super) struct RetryWaits {
    left: Duration,
    faults: <ExponentialBuilder as backon::BackoffBuilder>::Backoff,
    limits: <ExponentialBuilder as backon::BackoffBuilder>::Backoff,
}

impl RetryWaits {
    pub(super) fn new(patience: Patience) -> RetryWaits {
        let faults = ExponentialBuilder::new()
            .with_min_delay(Duration::from_secs(1))
            .with_max_delay(Duration::from_secs(60))
            .with_max_times(patience.attempts.saturating_sub(1))
            .build();
        let limits = ExponentialBuilder::new()
            .with_min_delay(LIMIT_FLOOR)
            .without_max_delay()
            .with_max_times(10)
            .build();
        RetryWaits { left: patience.total, faults, limits }
    }

    /// How long to wait before the next attempt; `None` when there must be none, or patience has run out.
    pub(super) fn next(&mut self, error: &GitHubError, now: Timestamp) -> Option<Duration> {
        let wait = match &error.class {
            Class::RateLimited { until } => {
                // A second more: the header rounds down to seconds.
                Duration::try_from(until.duration_since(now)).unwrap_or_default() + Duration::from_secs(1)
            }
            Class::SecondaryLimit { retry_after: Some(wait) } => (*wait).max(Duration::from_secs(1)),
            Class::SecondaryLimit { retry_after: None } => self.limits.next()?,
            Class::NoConnection { .. } => self.faults.next()?,
            Class::Server { .. } | Class::Transport { .. } | Class::Page { .. } | Class::CutShort { .. }
                if error.request.is_read() =>
            {
                self.faults.next()?
            }
            _ => return None,
        };
        self.left = self.left.checked_sub(wait)?;
        Some(wait)
    }
}

/// The class of a refusal, limits included. In the order that GitHub documents: `retry-after`, then
/// `x-ratelimit-remaining: 0` with its reset, then the message.
pub(super) fn classify_answer(status: u16, headers: &HeaderMap, body: &str, now: Timestamp) -> Class {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    if let Some(url) = single_sign_on(headers).filter(|_| status == 403) {
        return Class::SingleSignOn { url };
    }
    if matches!(status, 403 | 429) {
        let retry_after = number("retry-after").map(Duration::from_secs);
        if retry_after.is_some() {
            return Class::SecondaryLimit { retry_after };
        }
        if number("x-ratelimit-remaining") == Some(0) {
            let reset = number("x-ratelimit-reset").and_then(|at| i64::try_from(at).ok());
            let until =
                reset.and_then(|at| Timestamp::from_second(at).ok()).unwrap_or(later(now, LIMIT_FLOOR));
            return Class::RateLimited { until };
        }
        let body = body.to_ascii_lowercase();
        if status == 429
            || body.contains("secondary rate limit")
            || body.contains("submitted too quickly")
            || body.contains("abuse detection")
        {
            return Class::SecondaryLimit { retry_after: None };
        }
    }
    classify(status, body)
}

/// `X-GitHub-SSO: required; url=…` (GitHub docs, "Authenticating to the REST API").
fn single_sign_on(headers: &HeaderMap) -> Option<String> {
    let header = headers.get("x-github-sso")?.to_str().ok()?;
    let (_, url) = header.strip_prefix("required")?.split_once("url=")?;
    Some(url.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::error::Request;

    const NOW: &str = "2026-03-02T09:00:00Z";

    fn error(method: &str, class: Class) -> GitHubError {
        GitHubError { request: Request { method: method.into(), path: "/x".into() }, class }
    }

    fn waits(error: &GitHubError) -> Vec<u64> {
        let mut waits = RetryWaits::new(Patience::default());
        let now = NOW.parse().unwrap();
        std::iter::from_fn(|| waits.next(error, now)).map(|wait| wait.as_secs()).collect()
    }

    #[test]
    fn reads_are_retried_and_writes_are_not() {
        assert_eq!(waits(&error("GET", Class::Server { status: 502 })), [1, 2, 4, 8, 16]);
        assert!(waits(&error("POST", Class::Server { status: 502 })).is_empty());
        assert!(waits(&error("GET", Class::NotFound)).is_empty());
    }

    #[test]
    fn limits_are_waited_for_within_patience() {
        let silent = error("POST", Class::SecondaryLimit { retry_after: None });
        assert_eq!(waits(&silent), [60, 120, 240, 480]);
        let long = error("POST", Class::RateLimited { until: "2026-03-02T10:00:00Z".parse().unwrap() });
        assert!(waits(&long).is_empty(), "an hour is beyond a patience of fifteen minutes");
    }

    #[test]
    fn limits_are_recognised_by_headers_before_words() {
        let now = NOW.parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-remaining", "0".parse().unwrap());
        headers.insert("x-ratelimit-reset", "1772442060".parse().unwrap());
        let until = Timestamp::from_second(1_772_442_060).unwrap();
        assert_eq!(classify_answer(403, &headers, "{}", now), Class::RateLimited { until });
        headers.insert("retry-after", "7".parse().unwrap());
        let retry_after = Some(Duration::from_secs(7));
        assert_eq!(classify_answer(429, &headers, "{}", now), Class::SecondaryLimit { retry_after });
        let words = r#"{"message":"You have exceeded a secondary rate limit"}"#;
        let silent = Class::SecondaryLimit { retry_after: None };
        assert_eq!(classify_answer(403, &HeaderMap::new(), words, now), silent);
    }
}
