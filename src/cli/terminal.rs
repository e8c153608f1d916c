//! Printing. A reader that has gone away (`lockgate log | head`) is no error; a full disk behind `>` is one.

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::OnceLock;

/// Why a line of the result could not be written, the first time.
static LOST: OnceLock<String> = OnceLock::new();

/// A line, or several, for the reader of the result.
pub(super) fn out(text: impl AsRef<str>) {
    let text = text.as_ref();
    if let Err(error) = writeln!(anstream::stdout(), "{}", text.trim_end_matches('\n'))
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(error.to_string());
    }
}

/// Why the result is not whole, if it is not.
pub(super) fn lost() -> Option<&'static str> {
    // What is still in the buffer would be lost without a word.
    if let Err(error) = std::io::stdout().flush()
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(error.to_string());
    }
    LOST.get().map(String::as_str)
}

/// A line, or several, for the person at the terminal.
pub(super) fn note(text: impl AsRef<str>) {
    let text = text.as_ref();
    let _ = writeln!(anstream::stderr(), "{}", text.trim_end_matches('\n'));
}

/// Whether a person watches the notes.
pub(super) fn watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Whether colours and drawings are welcome: NO_COLOR and dumb terminals are honoured.
pub(super) fn coloured() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    watched() && !refused
}

/// How wide prose is where nobody says otherwise.
const WIDTH: usize = 80;

/// Prose in lines of at most 80 columns, all but the first indented by this. Lines of its own stay lines.
pub(super) fn filled(text: &str, indent: &str) -> String {
    let options = textwrap::Options::new(WIDTH).subsequent_indent(indent).break_words(false);
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options.word_separator(textwrap::WordSeparator::AsciiSpace))
}

/// Text indented by four spaces, for quoting what a gate shows.
pub(super) fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
