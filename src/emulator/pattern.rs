//! Globs of branches and tags, as GitHub's protection rules read them: `*` stops at `/`, `**` does not.

/// The regular expression, as `grep -E` understands it, that says what the glob says: for the hook that refuses
/// pushes.
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

/// Whether the glob covers the text. Asked for every branch of a list, so nothing is compiled.
pub(crate) fn covers(glob: &str, text: &str) -> bool {
    if let Some(rest) = glob.strip_prefix("**") {
        return suffixes(text).any(|end| covers(rest, end));
    }
    let (mut globs, mut letters) = (glob.chars(), text.chars());
    match globs.next() {
        None => text.is_empty(),
        Some('*') => {
            let segment = text.find('/').unwrap_or(text.len());
            suffixes(text)
                .take_while(|end| text.len() - end.len() <= segment)
                .any(|end| covers(globs.as_str(), end))
        }
        Some('?') => {
            letters.next().is_some_and(|letter| letter != '/') && covers(globs.as_str(), letters.as_str())
        }
        Some(wanted) => letters.next() == Some(wanted) && covers(globs.as_str(), letters.as_str()),
    }
}

/// Every end of a text, the whole and the empty one included, longest first.
fn suffixes(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().map(|(at, _)| &text[at..]).chain([""])
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

    #[test]
    fn hook_and_server_read_a_glob_alike() {
        let globs = ["*", "**", "release-*", "release/**", "release/?.x", "main", "*/x", "a*b*c", "v1.+"];
        let names =
            ["main", "release-36.0.0", "release/2.x", "release/2.x/hot", "a-b/c", "aXbYc", "v1.+", "v11"];
        for glob in globs {
            let pattern = regex::Regex::new(&expression(glob)).unwrap();
            for name in names {
                assert_eq!(covers(glob, name), pattern.is_match(name), "{glob} on {name}");
            }
        }
    }
}
