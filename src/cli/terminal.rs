//! Printing. A reader that has gone away (`lockgate log | head`) is no error; a full disk behind `>` is one.

use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use anstream::{AutoStream, ColorChoice};
use clap::{Args, ValueEnum};
use terminal_size::{Height, Width, terminal_size_of};

use super::tame::tamed;
use super::{fit, screen};

/// Why a line of the result could not be written, the first time.
static LOST: OnceLock<String> = OnceLock::new();
/// How this process was asked to print.
static MANNER: OnceLock<Manner> = OnceLock::new();

/// How to print; every command takes it.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Manner {
    /// Print one JSON object: `exit`, `result`, `error` and `next`.
    #[arg(long, global = true)]
    json: bool,
    /// Print the result and errors alone, no progress and no remarks.
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print every event, a second time (-vv) also what happens inside.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// When to print in colour.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    color: When,
}

/// When to do something that not every reader wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Manner {
    /// For a command that is so wrong that nothing was read of it but these words.
    pub(super) fn of_words(words: &[std::ffi::OsString]) -> Manner {
        let before = words.iter().take_while(|word| *word != "--");
        Manner { json: before.into_iter().any(|word| word == "--json"), ..Manner::default() }
    }

    /// What happens inside is told from this level on.
    pub(super) fn traces(self) -> &'static str {
        match self.verbose {
            0 => "error",
            1 => "lockgate=info",
            _ => "lockgate=debug",
        }
    }

    /// Prints in this manner from now on.
    pub(super) fn settle(self) {
        match self.color {
            When::Auto => {}
            When::Always => ColorChoice::Always.write_global(),
            When::Never => ColorChoice::Never.write_global(),
        }
        let _ = MANNER.set(self);
    }
}

fn manner() -> Manner {
    MANNER.get().copied().unwrap_or_default()
}

/// Whether a program reads the result.
pub(super) fn is_for_programs() -> bool {
    manner().json
}

/// Whether nothing but the result and errors is wanted.
pub(super) fn is_quiet() -> bool {
    manner().quiet
}

/// Whether every event is wanted.
pub(super) fn is_verbose() -> bool {
    manner().verbose > 0
}

/// A line, or several, for the reader of the result.
pub(super) fn out(text: impl AsRef<str>) {
    screen::leave();
    let text = text.as_ref();
    // JSON says everything to programs, as it is.
    let text = if is_for_programs() { Cow::Borrowed(text) } else { tamed(text) };
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

/// A remark for the person at the terminal, unless they want none.
pub(super) fn note(text: impl AsRef<str>) {
    if !is_quiet() && !screen::say_above(text.as_ref().trim_end_matches('\n')) {
        complain(text);
    }
}

/// What is wrong, for the person at the terminal.
pub(super) fn complain(text: impl AsRef<str>) {
    screen::leave();
    let text = tamed(text.as_ref());
    let text = match terminal_size_of(std::io::stderr()) {
        Some((Width(columns), _)) => Cow::Owned(fit::fit(&text, columns.into())),
        None => text,
    };
    let _ = writeln!(anstream::stderr(), "{}", text.trim_end_matches('\n'));
}

/// Whether something that is drawn anew as it changes is welcome: on a terminal that can move its cursor.
pub(super) fn is_drawn() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stderr().is_terminal() && !is_dumb && !is_quiet()
}

/// Whether remarks are coloured: `--color`, `NO_COLOR` and dumb terminals are honoured.
pub(super) fn is_coloured() -> bool {
    AutoStream::choice(&std::io::stderr()) != ColorChoice::Never
}

/// How wide prose is where nobody says otherwise.
const WIDTH: usize = 80;

/// Prose in lines of at most 80 columns, all but the first indented by this. Lines of its own stay lines.
pub(super) fn filled(text: &str, indent: &str) -> String {
    fit::filled(text, indent, WIDTH)
}

/// Prose in the width of the terminal on which results are printed; as it is, where they go elsewhere.
pub(super) fn fitted(text: &str) -> String {
    size().map_or_else(|| text.to_owned(), |(columns, _)| fit::fit(text, columns))
}

/// The columns and lines of the terminal on which results are printed.
pub(super) fn size() -> Option<(usize, usize)> {
    let (Width(columns), Height(lines)) = terminal_size_of(std::io::stdout())?;
    Some((columns.into(), lines.into()))
}

/// Text indented by four spaces, for quoting what a gate shows.
pub(super) fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
