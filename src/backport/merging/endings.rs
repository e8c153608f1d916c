//! Line endings as git stores them: what `merge.renormalize` makes of each side before it is merged (git's `convert.c`).

use std::borrow::Cow;

/// What attributes say of the line endings of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backport) enum Endings {
    /// Nothing, or that they are not git's business: `-text`, `binary`.
    AsTheyAre,
    /// It is text: `text`, or an `eol`.
    Text,
    /// It is text where it looks like it: `text=auto`.
    Guessed,
}

/// A version of the file as git would store it.
pub(super) fn normalized(text: &[u8], endings: Endings) -> Cow<'_, [u8]> {
    let is_converted = match endings {
        Endings::AsTheyAre => false,
        Endings::Text => true,
        Endings::Guessed => !looks_binary(text),
    };
    if !is_converted || !text.windows(2).any(|pair| pair == b"\r\n") {
        return Cow::Borrowed(text);
    }
    let lines = text.split_inclusive(|&byte| byte == b'\n');
    Cow::Owned(lines.fold(Vec::with_capacity(text.len()), |mut made, line| {
        match line.strip_suffix(b"\r\n") {
            Some(line) => made.extend([line, b"\n"].concat()),
            None => made.extend(line),
        }
        made
    }))
}

/// git's guess (`convert_is_binary`): a CR without its LF, a NUL, or more than one byte in 128 that nobody prints.
fn looks_binary(text: &[u8]) -> bool {
    let is_lone_cr = |at: usize| text[at] == b'\r' && text.get(at + 1) != Some(&b'\n');
    if (0..text.len()).any(|at| text[at] == 0 || is_lone_cr(at)) {
        return true;
    }
    let seen = text.strip_suffix(b"\x1a").unwrap_or(text);
    let is_printed = |byte: u8| byte >= 0x20 && byte != 0x7f || matches!(byte, 0x08 | 0x09 | 0x0c | 0x1b);
    let counted = seen.iter().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    let (printed, other): (Vec<u8>, Vec<u8>) = counted.partition(|byte| is_printed(**byte));
    printed.len() / 128 < other.len()
}
