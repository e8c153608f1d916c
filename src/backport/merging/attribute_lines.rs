//! The lines of a `.gitattributes`, and the patterns in them (gitattributes(5), gitignore(5)).

use std::sync::OnceLock;

use regex::Regex;

/// One line that says something.
#[derive(Debug)]
pub(super) struct AttributeLine {
    pub(super) subject: Subject,
    /// The attributes by name, as they stand.
    pub(super) words: Vec<(String, State)>,
}

/// What a line is about.
#[derive(Debug)]
pub(super) enum Subject {
    /// Files.
    Files(FilePattern),
    /// The macro that it defines: `[attr]name`.
    Macro(String),
}

/// What is said of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// `merge`.
    Set,
    /// `-merge`.
    Unset,
    /// `!merge`.
    Unspecified,
    /// `merge=union`.
    Value(String),
}

/// A pattern of files.
#[derive(Debug)]
pub(super) struct FilePattern {
    text: String,
    /// Made when the first path is asked about: most patterns are of lines that say nothing of merging. `None` if git's
    /// pattern is none of ours.
    expression: OnceLock<Option<Regex>>,
    /// Without a slash, it is about the name alone, wherever the file is.
    name_alone: bool,
}

impl FilePattern {
    /// `None` for what git takes for no pattern here: negative ones, and those of directories.
    fn read(text: &str) -> Option<FilePattern> {
        if text.starts_with('!') || text.ends_with('/') || text.is_empty() {
            return None;
        }
        let text = text.to_owned();
        Some(FilePattern { name_alone: !text.contains('/'), text, expression: OnceLock::new() })
    }

    /// Whether it is about the file at this path, as seen from the folder of its `.gitattributes`.
    pub(super) fn matches(&self, path: &str) -> bool {
        let path = if self.name_alone { path.rsplit('/').next().unwrap_or(path) } else { path };
        let text = self.text.strip_prefix('/').unwrap_or(&self.text);
        let expression = self.expression.get_or_init(|| Regex::new(&expression(text)).ok());
        expression.as_ref().is_some_and(|expression| expression.is_match(path))
    }
}

/// The lines of a file, but those that say nothing.
pub(super) fn lines(text: &str) -> Vec<AttributeLine> {
    text.lines().filter_map(read).collect()
}

fn read(line: &str) -> Option<AttributeLine> {
    let line = line.trim_start_matches([' ', '\t', '\r']);
    if line.starts_with('#') {
        return None;
    }
    let (subject, words) = match line.strip_prefix("[attr]") {
        Some(rest) => {
            let (name, words) = rest.trim_start().split_once([' ', '\t']).unwrap_or((rest.trim(), ""));
            (Subject::Macro(name.to_owned()), words)
        }
        None => {
            let (pattern, words) = pattern(line)?;
            (Subject::Files(FilePattern::read(&pattern)?), words)
        }
    };
    Some(AttributeLine { subject, words: words.split([' ', '\t', '\r']).filter_map(word).collect() })
}

/// The pattern at the start of a line, out of its quotes, and the rest.
fn pattern(line: &str) -> Option<(String, &str)> {
    let Some(quoted) = line.strip_prefix('"') else {
        let (pattern, words) = line.split_once([' ', '\t', '\r'])?;
        return Some((pattern.to_owned(), words));
    };
    let mut pattern = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((pattern, &quoted[at + 1..])),
            '\\' => pattern.push(escaped(letters.next()?.1)?),
            other => pattern.push(other),
        }
    }
    None
}

/// A letter behind a backslash in quotes. Bytes by their numbers are none of a name that is text.
fn escaped(letter: char) -> Option<char> {
    Some(match letter {
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        '"' | '\\' => letter,
        _ => return None,
    })
}

fn word(word: &str) -> Option<(String, State)> {
    if word.is_empty() {
        return None;
    }
    let (name, state) = match (word.strip_prefix('-'), word.strip_prefix('!'), word.split_once('=')) {
        (Some(name), ..) => (name, State::Unset),
        (_, Some(name), _) => (name, State::Unspecified),
        (.., Some((name, value))) => (name, State::Value(value.to_owned())),
        _ => (word, State::Set),
    };
    Some((name.to_owned(), state))
}

/// git's wildcards as an expression: `*` and `?` stay within a name, `**` between slashes is any number of folders.
fn expression(glob: &str) -> String {
    let mut made = String::from("^");
    let mut rest = glob;
    let mut at_start = true;
    while let Some(letter) = rest.chars().next() {
        let (piece, length) = match letter {
            '*' if at_start && rest.starts_with("**/") => ("(?:.*/)?".to_owned(), 3),
            '*' if at_start && rest == "**" => (".+".to_owned(), 2),
            '*' => ("[^/]*".to_owned(), rest.len() - rest.trim_start_matches('*').len()),
            '?' => ("[^/]".to_owned(), 1),
            '[' => class(rest).unwrap_or_else(|| ("\\[".to_owned(), 1)),
            '\\' => {
                let next = rest[1..].chars().next().map_or(String::new(), String::from);
                (regex::escape(&next), 1 + next.len())
            }
            other => (regex::escape(&other.to_string()), other.len_utf8()),
        };
        made.push_str(&piece);
        at_start = rest[..length].ends_with('/');
        rest = &rest[length..];
    }
    made + "$"
}

/// A class of letters, `[a-c]` or `[!a]`, and its length.
fn class(rest: &str) -> Option<(String, usize)> {
    let negated = rest[1..].starts_with(['!', '^']);
    let start = if negated { 2 } else { 1 };
    // A bracket right at the start is one of the letters; those of `[:upper:]` close nothing.
    let mut end = start + rest[start..].chars().next()?.len_utf8();
    if rest[start..].starts_with("[:") {
        end = start;
    }
    loop {
        let inner = &rest[end..];
        end += match inner {
            _ if inner.starts_with("[:") => inner.find(":]")? + 2,
            _ if inner.starts_with(']') => break,
            _ => inner.chars().next()?.len_utf8(),
        };
    }
    let letters = rest[start..end].replace('&', "\\&").replace('~', "\\~");
    let letters = if letters.starts_with(']') { letters.replacen(']', "\\]", 1) } else { letters };
    let class = if negated { format!("[^/{letters}]") } else { format!("[{letters}]") };
    Some((class, end + 1))
}
