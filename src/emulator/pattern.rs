//! Globs of branches and tags, as GitHub's protection rules read them: `*` stops at `/`, `**` does not.

use regex::Regex;

/// The regular expression (also understood by `grep -E`) that says what the glob says.
pub(crate) fn expression(glob: &str) -> String {
    let mut text = String::from("^");
    let mut rest = glob.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '*' if rest.peek() == Some(&'*') => {
                rest.next();
                text.push_str(".*");
            }
            '*' => text.push_str("[^/]*"),
            '?' => text.push_str("[^/]"),
            letter if letter.is_ascii_alphanumeric() || "/_-".contains(letter) => text.push(letter),
            letter => {
                text.push('\\');
                text.push(letter);
            }
        }
    }
    text.push('$');
    text
}

/// Whether the glob covers the text. A glob that makes no sense covers nothing.
pub(crate) fn covers(glob: &str, text: &str) -> bool {
    glob == text || Regex::new(&expression(glob)).is_ok_and(|pattern| pattern.is_match(text))
}

/// Whether one of the globs covers the text; no globs cover everything.
pub(crate) fn covered_or_unrestricted(globs: &[String], text: &str) -> bool {
    globs.is_empty() || globs.iter().any(|glob| covers(glob, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_stops_at_the_slash_and_two_stars_do_not() {
        assert!(covers("release-*", "release-36.0.0"));
        assert!(!covers("release-*", "release-36/x"));
        assert!(covers("release/**", "release/2.x/hot"));
        assert!(!covers("release/2.4.x", "release/2a4ax"));
        assert!(covered_or_unrestricted(&[], "anything"));
    }
}
