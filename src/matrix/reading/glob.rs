//! The patterns of `branches`, `tags` and `paths`: `*` within a name, `**` across, `[]`, and `?` and `+` that bind to
//! the character before them ("Filter pattern cheat sheet" of GitHub's documentation).

use regex::Regex;

/// Whether a list of patterns lets a name through: the last pattern that matches decides, `!` takes away.
pub fn matches_one(patterns: &[String], name: &str) -> bool {
    patterns.iter().fold(false, |let_through, pattern| match pattern.strip_prefix('!') {
        Some(pattern) => let_through && !matches(pattern, name),
        None => let_through || matches(pattern, name),
    })
}

fn matches(pattern: &str, name: &str) -> bool {
    Regex::new(&as_regex(pattern)).map_or(pattern == name, |regex| regex.is_match(name))
}

/// The same pattern as a regular expression.
fn as_regex(pattern: &str) -> String {
    let mut regex = String::from("^(?s:");
    let mut rest = pattern;
    // Whether the piece before can be repeated.
    let mut repeatable = false;
    while let Some(letter) = rest.chars().next() {
        let (piece, length, can_repeat) = piece(rest, letter, repeatable);
        regex.push_str(&piece);
        repeatable = can_repeat;
        rest = &rest[length..];
    }
    regex + ")$"
}

fn piece(rest: &str, letter: char, repeatable: bool) -> (String, usize, bool) {
    match letter {
        '*' if rest.starts_with("**/") => ("(?:.*/)?".to_owned(), 3, false),
        '*' if rest.starts_with("**") => (".*".to_owned(), 2, false),
        '*' => ("[^/]*".to_owned(), 1, false),
        '?' | '+' if repeatable => (letter.to_string(), 1, false),
        '[' => match rest.find(']') {
            Some(end) if end > 1 => (class(&rest[1..end]), end + 1, true),
            _ => ("\\[".to_owned(), 1, true),
        },
        '\\' => {
            let escaped = rest[1..].chars().next().unwrap_or('\\');
            (regex::escape(&escaped.to_string()), (1 + escaped.len_utf8()).min(rest.len()), true)
        }
        other => (regex::escape(&other.to_string()), other.len_utf8(), true),
    }
}

/// Letters, digits and ranges; nothing in it has another meaning.
fn class(inner: &str) -> String {
    let escaped: String = inner
        .chars()
        .map(|letter| if letter == '-' { "-".to_owned() } else { regex::escape(&letter.to_string()) })
        .collect();
    format!("[{escaped}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(pattern: &str, name: &str) -> bool {
        matches_one(&[pattern.to_owned()], name)
    }

    #[test]
    fn question_mark_and_plus_bind_to_the_character_before() {
        assert!(one("v[0-9]+.[0-9]+", "v10.2"));
        assert!(!one("v[0-9]+.[0-9]+", "v10x2"), "the dot is a dot");
        assert!(one("[0-9].[0-9]+", "3.14") && !one("[0-9].[0-9]+", "31.4"));
        assert!(one("*.jsx?", "page.js") && one("*.jsx?", "page.jsx") && !one("*.jsx?", "page.jsy"));
    }

    #[test]
    fn one_star_stays_within_a_part_and_two_do_not() {
        assert!(one("feature/*", "feature/x") && !one("feature/*", "feature/x/y"));
        assert!(one("feature/**", "feature/x/y") && !one("release/**", "release"));
        assert!(one("tokio-*.x", "tokio-1.47.x") && one("*", "main") && !one("*", "a/b") && one("**", "a/b"));
        assert!(one("**/README.md", "README.md") && one("**/README.md", "a/b/README.md"));
    }

    #[test]
    fn the_last_pattern_that_matches_decides() {
        let patterns = ["release/**", "!release/**-alpha", "release/9-alpha"].map(str::to_owned);
        assert!(matches_one(&patterns, "release/10"));
        assert!(!matches_one(&patterns, "release/10-alpha"));
        assert!(matches_one(&patterns, "release/9-alpha"));
    }
}
