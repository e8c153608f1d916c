//! What a server says in the headers of its answers, and git does not tell.

use std::time::Duration;

use jiff::Timestamp;

/// The headers of the answers to one run of git, in order.
#[derive(Debug, Default)]
pub(super) struct Headers(Vec<(String, String)>);

impl Headers {
    /// What git says, without its trace of what was sent and answered, and the headers that this tells of.
    pub(super) fn apart(stderr: &str) -> (String, Headers) {
        let (mut said, mut headers) = (String::new(), Vec::new());
        for line in stderr.split_inclusive('\n') {
            match traced(line) {
                None => said.push_str(line),
                Some(trace) => headers.extend(received(trace)),
            }
        }
        (said, Headers(headers))
    }

    /// The headers of one answer.
    pub(super) fn of<'a>(told: impl Iterator<Item = (&'a str, &'a str)>) -> Headers {
        Headers(told.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect())
    }

    /// Of the last answer that has it: those before it were other requests.
    fn last(&self, wanted: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// Whether what answers there is a git server: git takes whatever else comes with status 200 for the list of a repository that
    /// has no references.
    pub(super) fn speak_git(&self) -> bool {
        let of_git = ("content-type", "application/x-git-upload-pack-advertisement");
        self.0.iter().any(|(name, value)| (name.as_str(), value.as_str()) == of_git)
    }

    /// Where the server redirects to what was asked for.
    pub(super) fn redirected_to(&self) -> Option<String> {
        let location = self.last("location")?;
        Some(location.split("/info/refs").next().unwrap_or(location).to_owned())
    }

    /// For how long the server wants to be left alone, by the headers that GitHub documents for its limits.
    pub(super) fn limited(&self) -> Option<Duration> {
        let number = |name: &str| self.last(name)?.parse::<i64>().ok();
        let seconds = number("retry-after").or_else(|| {
            let is_used_up = number("x-ratelimit-remaining") == Some(0);
            let reset = number("x-ratelimit-reset").filter(|_| is_used_up)?;
            Some(reset - Timestamp::now().as_second() + 1)
        })?;
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
    }
}

/// What a line of git's trace says, such as `18:00:01.234567 http.c:845   <= Recv header: …`; `None` if it is none.
fn traced(line: &str) -> Option<&str> {
    let (time, rest) = line.split_once(' ')?;
    let is_time =
        time.len() > 8 && time.chars().all(|letter| letter.is_ascii_digit() || ":.".contains(letter));
    let (place, trace) = rest.split_once(char::is_whitespace)?;
    let (file, number) = place.split_once(':')?;
    let is_place = file.ends_with(".c") && number.chars().all(|letter| letter.is_ascii_digit());
    (is_time && is_place).then_some(trace)
}

/// The name of a header that was received, in small letters, and its value.
fn received(trace: &str) -> Option<(String, String)> {
    let (_, header) = trace.split_once("Recv header: ")?;
    let (name, value) = header.trim().split_once(": ")?;
    Some((name.to_ascii_lowercase(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> Headers {
        let lines = lines.iter().map(|line| format!("18:00:01.2 http.c:1   <= Recv header: {line}\n"));
        Headers::apart(&lines.collect::<String>()).1
    }

    #[test]
    fn words_are_told_from_the_trace() {
        let (said, headers) = Headers::apart(
            "18:00:01.234567 http.c:845              => Send header: GET /x HTTP/1.1\n\
             18:00:01.234567 http.c:857              <= Recv header, 0000000013 bytes (0x0000000d)\n\
             18:00:01.234567 http.c:845              <= Recv header: Retry-After: 7\n\
             remote: 18:00 is the hour\nfatal: unable to access 'u': The requested URL returned error: 403\n",
        );
        let words =
            "remote: 18:00 is the hour\nfatal: unable to access 'u': The requested URL returned error: 403\n";
        assert_eq!((said.as_str(), headers.limited()), (words, Some(Duration::from_secs(7))));
    }

    #[test]
    fn the_answer_that_git_ended_with_is_the_last() {
        let of_two = headers(&["x-ratelimit-remaining: 50", "retry-after: 90", "Retry-After: 30"]);
        assert_eq!(of_two.limited(), Some(Duration::from_secs(30)));
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
