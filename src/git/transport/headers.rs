//! What a server says in the headers of its answers, and git does not tell.

use std::time::Duration;

use jiff::Timestamp;

use super::command::{Credentials, Limits, trace_of_a_list};

/// The headers of the answers to one question for a list, in order.
pub(super) struct Headers(Vec<(String, String)>);

/// Asks for the list once more, and keeps the headers; none, where git did not start.
pub(super) async fn headers_of_a_list(credentials: &Credentials, remote: &str, limits: Limits) -> Headers {
    Headers::read(&trace_of_a_list(credentials, remote, limits).await.unwrap_or_default())
}

impl Headers {
    fn read(trace: &str) -> Headers {
        let header = |line: &str| {
            let (_, header) = line.split_once("Recv header: ")?;
            let (name, value) = header.trim().split_once(": ")?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Headers(trace.lines().filter_map(header).collect())
    }

    fn first(&self, wanted: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// Whether what answers there is a git server: git takes whatever else comes with status 200 for the list of a repository that
    /// has no references.
    pub(super) fn speak_git(&self) -> bool {
        self.first("content-type") == Some("application/x-git-upload-pack-advertisement")
    }

    /// Where the server redirects to what was asked for.
    pub(super) fn redirected_to(&self) -> Option<String> {
        let location = self.first("location")?;
        Some(location.split("/info/refs").next().unwrap_or(location).to_owned())
    }

    /// For how long the server wants to be left alone, by the headers that GitHub documents for its limits.
    pub(super) fn limited(&self) -> Option<Duration> {
        let number = |name: &str| self.first(name)?.parse::<i64>().ok();
        let seconds = number("retry-after").or_else(|| {
            let is_used_up = number("x-ratelimit-remaining") == Some(0);
            let reset = number("x-ratelimit-reset").filter(|_| is_used_up)?;
            Some(reset - Timestamp::now().as_second() + 1)
        })?;
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> Headers {
        let lines = lines.iter().map(|line| format!("18:00:01.2 http.c:1 <= Recv header: {line}\n"));
        Headers::read(&lines.collect::<String>())
    }

    #[test]
    fn limits_are_read_as_github_documents_them() {
        let soon = Timestamp::now().as_second() + 90;
        assert_eq!(headers(&["Retry-After: 30"]).limited(), Some(Duration::from_secs(30)));
        let reset = format!("x-ratelimit-reset: {soon}");
        let wait = headers(&["x-ratelimit-remaining: 0", &reset]).limited().unwrap();
        assert!((80..=91).contains(&wait.as_secs()), "{wait:?}");
        assert_eq!(headers(&["x-ratelimit-remaining: 12", &reset]).limited(), None);
        assert_eq!(headers(&["content-type: text/plain"]).limited(), None);
    }
}
