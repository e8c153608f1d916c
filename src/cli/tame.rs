//! What inputs and servers say comes to the terminal without power over it.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Our own colours and line ends, which stay, and everything that moves a cursor, rings, hides text or turns its direction
/// (Unicode's `Bidi_Control`).
static WILD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?<ours>\x1b\[[0-9;]*m|\r?\n|\t)|[\p{Cc}\u{61c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}]",
    )
    .ok()
});

/// The text with every character that would act on the terminal shown by its number: `\u{202e}`.
pub(super) fn tamed(text: &str) -> Cow<'_, str> {
    let Some(wild) = WILD.as_ref() else { return Cow::Borrowed(text) };
    wild.replace_all(text, |found: &Captures<'_>| match found.name("ours") {
        Some(ours) => ours.as_str().to_owned(),
        None => found[0].escape_unicode().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::tamed;

    #[test]
    fn what_would_act_on_the_terminal_is_shown_by_its_number() {
        assert_eq!(
            tamed("\u{1b}[1;31mred\u{1b}[0m\tdone\r\nand on\n"),
            "\u{1b}[1;31mred\u{1b}[0m\tdone\r\nand on\n"
        );
        let wild = "title \u{202e}txt.exe \u{1b}[2J\u{1b}]0;name\u{7} back\r over \u{9b}31m \u{2066}x";
        let shown = r"title \u{202e}txt.exe \u{1b}[2J\u{1b}]0;name\u{7} back\u{d} over \u{9b}31m \u{2066}x";
        assert_eq!(tamed(wild), shown);
    }
}
