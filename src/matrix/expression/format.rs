//! `format('{0} of {1}', …)` (`Format.cs`).

use super::parse::ExpressionError;

/// A piece of a format text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as it is.
    Text(String),
    /// The argument of this number.
    Argument(usize),
}

/// Takes a format text apart.
pub(super) fn pieces(format: &str) -> Result<Vec<Piece>, ExpressionError> {
    let invalid = || ExpressionError::Evaluation(format!("the format text is invalid: `{format}`"));
    let mut found = Vec::new();
    let mut text = String::new();
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        text.push_str(before);
        let same = &brace[..1];
        if let Some(after) = brace[1..].strip_prefix(same) {
            text.push_str(same);
            rest = after;
            continue;
        }
        let (number, after) = argument(brace).ok_or_else(invalid)?;
        found.push(Piece::Text(std::mem::take(&mut text)));
        found.push(Piece::Argument(number));
        rest = after;
    }
    text.push_str(rest);
    found.push(Piece::Text(text));
    Ok(found)
}

/// `{12}` at the beginning, and what follows. Format specifiers (`{0:x}`) exist in GitHub's grammar and always fail.
fn argument(text: &str) -> Option<(usize, &str)> {
    let inner = text.strip_prefix('{')?;
    let (digits, after) = inner.split_once('}')?;
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u8>().ok())??;
    Some((usize::from(number), after))
}
