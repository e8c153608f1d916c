//! Words that every room puts together in the same way.

/// A number with its noun: `1 approval`, `2 approvals`, `3 branches`, `4 repositories`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {}", plural(noun)) }
}

/// The regular plural; the nouns of this house have no other.
fn plural(noun: &str) -> String {
    let before_y = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    match before_y {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "ch", "sh"].iter().any(|end| noun.ends_with(end)) => format!("{noun}es"),
        None => format!("{noun}s"),
    }
}

/// A word as a shell takes it.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_alphanumeric() || "/._-+@:,=".contains(c));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A text without line breaks, of at most so many characters.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= most { words } else { words.chars().take(most - 1).chain(['…']).collect() }
}

/// A span as people say it, in at most two units: `8 days`, `3 h 5 min`, `12 min`, `40 s`.
#[must_use]
pub fn span(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (2.., ..) => format!("{days} days"),
        (_, 1.., _) if minutes % 60 > 0 => format!("{hours} h {} min", minutes % 60),
        (_, 1.., _) => format!("{hours} h"),
        (_, _, 1..) => format!("{minutes} min"),
        _ => format!("{seconds} s"),
    }
}

/// An error and all its causes on one line. A cause that the text so far repeats is left out: some libraries print
/// their cause themselves.
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| {
        let cause = cause.to_string();
        if text.contains(&cause) { text } else { format!("{text}: {cause}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_agree_with_their_number() {
        assert_eq!(counted(1, "approval"), "1 approval");
        assert_eq!(counted(0, "approval"), "0 approvals");
        for (noun, two) in [("fix", "2 fixes"), ("branch", "2 branches"), ("repository", "2 repositories")] {
            assert_eq!(counted(2, noun), two);
        }
        assert_eq!(counted(3, "day"), "3 days");
    }

    #[test]
    fn spans_are_said_in_the_units_that_matter() {
        let said = [12, 720, 3_600, 11_100, 90_000, 700_000].map(span);
        assert_eq!(said, ["12 s", "12 min", "1 h", "3 h 5 min", "25 h", "8 days"]);
    }

    #[derive(Debug, thiserror::Error)]
    #[error("{said}")]
    struct Nested {
        said: &'static str,
        source: Option<Box<Nested>>,
    }

    #[test]
    fn causes_follow_their_error_and_none_is_repeated() {
        let cause = |said, source| Some(Box::new(Nested { said, source }));
        let inner = cause("no route to host", cause("no route", None));
        let outer = Nested { said: "failed to fetch", source: inner };
        assert_eq!(with_causes(&outer), "failed to fetch: no route to host");
    }
}
