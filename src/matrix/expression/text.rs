//! Text compared as .NET's `OrdinalIgnoreCase` does it, which is what GitHub uses everywhere.

use std::cmp::Ordering;

/// The upper case of one character by itself. A letter beyond ASCII never becomes one of ASCII: the Turkish dotless `ı`
/// is no `I`.
fn folded(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) if letter.is_ascii() || !upper.is_ascii() => upper,
        _ => letter,
    }
}

/// The text with the case of its letters taken away.
pub fn fold(text: &str) -> String {
    text.chars().map(folded).collect()
}

/// Whether two texts differ in case at most.
pub(super) fn equal_ignoring_case(one: &str, two: &str) -> bool {
    one == two || one.chars().map(folded).eq(two.chars().map(folded))
}

/// The order of two texts by their UTF-16 units, case aside.
pub(super) fn order_ignoring_case(one: &str, two: &str) -> Ordering {
    let units = |text: &str| fold(text).encode_utf16().collect::<Vec<_>>();
    units(one).cmp(&units(two))
}
