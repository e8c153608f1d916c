//! Words in the width of a terminal. It breaks long lines wherever its last column is, in the middle of a word; here prose is broken at
//! its spaces, and what people copy (commands, addresses, patches) stays in one line.

use unicode_width::UnicodeWidthStr as _;

/// The programs whose commands are printed.
const PROGRAMS: [&str; 4] = ["lockgate ", "git ", "gh ", "for branch in "];

/// A space at which no line is broken.
const GLUE: char = '\u{e000}';

/// The text in lines of at most so many columns, as far as it can be.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| fit_line(line, columns)).collect();
    lines.join("\n")
}

fn fit_line(line: &str, columns: usize) -> String {
    let words = line.trim_start();
    let indent = &line[..line.len() - words.len()];
    // What is drawn of a file has its own columns.
    if line.width() <= columns || is_command(words) || line.contains(['│', '╭', '╰']) {
        return line.to_owned();
    }
    match command_behind(words) {
        // A command that is broken cannot be copied: it gets a line of its own.
        Some(at) => {
            let (before, command) = words.split_at(at);
            let before = filled(&format!("{indent}{}", before.trim_end()), &below(indent, words), columns);
            format!("{before}\n{indent}    {command}")
        }
        None => filled(line, &below(indent, words), columns),
    }
}

fn is_command(words: &str) -> bool {
    PROGRAMS.iter().any(|program| words.starts_with(program))
}

/// Where a command begins that ends the line, as in "continue with: lockgate resume".
fn command_behind(words: &str) -> Option<usize> {
    let at = words.find(": ")? + 2;
    is_command(&words[at..]).then_some(at)
}

/// What the lines below begin with: what quotes or comments, and a little more than the first.
fn below(indent: &str, words: &str) -> String {
    match words.split_once(' ') {
        Some((mark @ ("|" | "#"), _)) => format!("{indent}{mark} "),
        _ if indent.len() < 4 => format!("{indent}    "),
        _ => indent.to_owned(),
    }
}

/// Prose in lines of at most so many columns, all but the first indented by this.
pub(super) fn filled(text: &str, indent: &str, columns: usize) -> String {
    let options = textwrap::Options::new(columns).subsequent_indent(indent).break_words(false);
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
    let options = options.word_separator(textwrap::WordSeparator::AsciiSpace);
    textwrap::fill(&glued(text), options).replace(GLUE, " ")
}

/// What stands between backticks is kept in one line.
fn glued(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let glued = parts
        .map(|(at, part)| if at % 2 == 1 { part.replace(' ', &GLUE.to_string()) } else { part.to_owned() });
    glued.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_broken_at_spaces_and_keeps_its_indentation() {
        assert_eq!(fit("  cannot be undone: one, two", 20), "  cannot be undone:\n      one, two");
        assert_eq!(fit("    a question of many words", 20), "    a question of\n    many words");
        assert_eq!(fit("  | a mail of many words", 14), "  | a mail of\n  | many words");
        assert_eq!(fit("short\n\n  | \nlines", 20), "short\n\n  | \nlines");
    }

    #[test]
    fn what_is_copied_stays_whole() {
        let command = "lockgate approve ready --as mara --digest 212d909cd38f";
        assert_eq!(fit(&format!("    {command}"), 20), format!("    {command}"));
        assert_eq!(
            fit(&format!("approve it with: {command}"), 20),
            format!("approve it with:\n    {command}")
        );
        assert_eq!(
            fit("to see it: `lockgate status --dir OUT`; or wait", 24),
            "to see it:\n    `lockgate status --dir OUT`;\n    or wait"
        );
        let address = "https://github.com/acme/pump/pull/7";
        assert_eq!(fit(&format!("see {address} there"), 20), format!("see\n    {address}\n    there"));
    }
}
