//! Words that every program has: they tell nothing of one.

/// Whether it is a word of programming languages.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// Words of programming languages that stand alone on many lines.
const KEYWORDS: [&str; 34] = [
    "bool", "break", "case", "catch", "char", "class", "const", "continue", "default", "delete", "double",
    "elif", "else", "endif", "enum", "false", "finally", "float", "goto", "long", "none", "null", "nullptr",
    "pass", "return", "self", "short", "static", "struct", "then", "this", "throw", "true", "void",
];
