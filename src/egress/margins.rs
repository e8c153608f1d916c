//! What stands before the lines of a text that somebody quotes.

/// The text without what stands before its lines in quotes, lists, comments, patches and listings.
pub(super) fn without_margins(text: &str) -> String {
    let marks = [' ', '\t', '>', '|', '+', '-', '*', '#', '/'];
    let bare = |line: &str| without_number(line).trim_start_matches(marks).to_owned();
    text.lines().map(bare).collect::<Vec<_>>().join("\n")
}

/// A line without the number that listings put before it: `12: `, `12 | `, `12\t`.
fn without_number(line: &str) -> &str {
    let start = line.trim_start();
    let rest = start.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_marked =
        rest.trim_start_matches([' ', '\t']).starts_with([':', '|', ')']) || rest.starts_with('\t');
    let is_numbered = rest.len() < start.len() && is_marked;
    if is_numbered { rest.trim_start_matches([' ', '\t', ':', '|', ')']) } else { line }
}
