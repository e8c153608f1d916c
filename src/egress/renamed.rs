//! A line of a fix in which somebody gave a thing another name: it tells the same.

use super::keywords::is_keyword;
use super::reading::Reading;

/// Fewer tokens are on lines of any program.
const SHORTEST: usize = 8;
/// So many letters must be in names that stayed, each counted once.
const LETTERS: usize = 12;

/// Whether these tokens follow each other in the text, with every sign, and most words, as they are.
pub(super) fn has_renamed(reading: &Reading, line: &[&str]) -> bool {
    if line.len() < SHORTEST {
        return false;
    }
    let mut text = reading.pieces();
    while text.len() >= line.len() {
        if is_renamed(line, text.clone()) {
            return true;
        }
        text.next();
    }
    false
}

fn is_renamed<'t>(line: &[&'t str], text: impl Iterator<Item = &'t str>) -> bool {
    let (mut words, mut others, mut kept) = (0, 0, Vec::new());
    for (own, found) in line.iter().zip(text) {
        if !is_word(own) || !is_word(found) {
            if *own != found {
                return false;
            }
            continue;
        }
        words += 1;
        if *own != found {
            others += 1;
        } else if !is_keyword(own) && !kept.contains(own) {
            kept.push(*own);
        }
    }
    let letters: usize = kept.iter().map(|word| word.chars().filter(|c| c.is_alphabetic()).count()).sum();
    // One of three may have another name.
    others * 3 <= words && letters >= LETTERS
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}
