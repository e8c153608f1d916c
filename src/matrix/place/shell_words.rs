//! The commands of a script in words, as a shell takes them apart: quotes, comments, here-documents, and commands within
//! commands. What is only printed is no command.

use super::call::{SHELLS, inner_script};

/// The commands of a script, those within others included. Quotes are taken away.
pub(super) fn commands(script: &str) -> Vec<Vec<String>> {
    let joined = script.replace("\r\n", "\n").replace("\\\n", " ");
    let mut reader =
        Reader { rest: &joined, found: Vec::new(), words: Vec::new(), word: None, awaited: Vec::new() };
    while let Some(letter) = reader.rest.chars().next() {
        reader.take(letter);
    }
    reader.end_command();
    reader.found
}

/// A script as far as it is read.
struct Reader<'a> {
    rest: &'a str,
    found: Vec<Vec<String>>,
    /// Those of the command that is being read.
    words: Vec<String>,
    word: Option<String>,
    /// The here-documents that begin at the next line.
    awaited: Vec<HereDocument<'a>>,
}

/// What becomes of the lines of a here-document.
struct HereDocument<'a> {
    end: &'a str,
    /// Nothing in it is looked at.
    is_plain: bool,
    /// A shell takes it as a script.
    is_script: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, letter: char) {
        let rest = self.rest;
        match letter {
            // An expression of the workflow that is not known.
            '$' if rest.starts_with("${{") => self.text(rest.find("}}").map_or(rest.len(), |end| end + 2)),
            '$' if rest.starts_with("$(") => self.within(2, closing_parenthesis(&rest[2..])),
            '`' => self.within(1, rest[1..].find('`')),
            '\'' => self.quoted(rest[1..].find('\'')),
            '"' => self.quoted(closing_quote(&rest[1..])),
            '\\' => {
                self.skip(1);
                self.text(self.rest.chars().next().map_or(0, char::len_utf8));
            }
            '#' if self.word.is_none() => self.skip(rest.find('\n').unwrap_or(rest.len())),
            '<' if rest.starts_with("<<") && !rest.starts_with("<<<") => self.here_document(),
            '\n' => self.end_line(),
            '&' if rest.starts_with("&>") || self.word.as_ref().is_some_and(|word| word.ends_with('>')) => {
                self.text(1);
            }
            ';' | '|' | '&' | '(' | ')' => {
                self.end_command();
                self.skip(1);
            }
            blank if blank.is_whitespace() => {
                self.end_word();
                self.skip(blank.len_utf8());
            }
            other => self.text(other.len_utf8()),
        }
    }

    fn skip(&mut self, length: usize) {
        self.rest = &self.rest[length..];
    }

    /// So much belongs to the word as it stands there.
    fn text(&mut self, length: usize) {
        let (text, rest) = self.rest.split_at(length);
        self.word.get_or_insert_default().push_str(text);
        self.rest = rest;
    }

    /// Commands between marks of this length and of one letter, of which the result is a part of the word.
    fn within(&mut self, mark: usize, length: Option<usize>) {
        let Some(length) = length else { return self.skip(mark) };
        self.found.extend(commands(&self.rest[mark..mark + length]));
        self.text(mark + length + 1);
    }

    /// A text in quotes of this length. A quote without an end is a letter like others.
    fn quoted(&mut self, length: Option<usize>) {
        let in_double_quotes = self.rest.starts_with('"');
        let Some(length) = length else { return self.text(1) };
        let inner = &self.rest[1..=length];
        if in_double_quotes {
            self.found.extend(commands_within(inner));
        }
        self.word.get_or_insert_default().push_str(inner);
        self.skip(length + 2);
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take().filter(|word| !word.is_empty()));
    }

    fn end_command(&mut self) {
        self.end_word();
        let words = std::mem::take(&mut self.words);
        if let Some(script) = inner_script(&words) {
            self.found.extend(commands(&script));
        }
        if !words.is_empty() {
            self.found.push(words);
        }
    }

    /// `<<END`, `<<-'END'`: its lines begin behind this one. Without the line that ends it, it is none.
    fn here_document(&mut self) {
        let after = self.rest[2..].trim_start_matches('-').trim_start_matches([' ', '\t']);
        let is_plain = after.starts_with(['\'', '"', '\\']);
        let name = after.trim_start_matches(['\'', '"', '\\']);
        let length =
            name.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(name.len());
        let (end, behind) = name.split_at(length);
        let has_end = behind.lines().skip(1).any(|line| line.trim() == end);
        if end.is_empty() || !has_end {
            return self.skip(2);
        }
        self.end_word();
        let is_script = self.words.iter().any(|word| SHELLS.contains(&word.as_str()));
        self.awaited.push(HereDocument { end, is_plain, is_script });
        self.rest = behind.strip_prefix(['\'', '"']).unwrap_or(behind);
    }

    fn end_line(&mut self) {
        self.end_command();
        self.skip(1);
        for document in std::mem::take(&mut self.awaited) {
            let mut lines = Vec::new();
            while !self.rest.is_empty() {
                let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
                self.rest = rest;
                if line.trim() == document.end {
                    break;
                }
                lines.push(line);
            }
            let text = lines.join("\n");
            if document.is_script {
                self.found.extend(commands(&text));
            } else if !document.is_plain {
                self.found.extend(commands_within(&text));
            }
        }
    }
}

/// The commands of which the result is put into a text.
fn commands_within(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '`', '\\']) {
        let here = &rest[at..];
        let inner = match here.as_bytes() {
            [b'\\', ..] => {
                rest = here[1..].chars().next().map_or("", |letter| &here[1 + letter.len_utf8()..]);
                continue;
            }
            [b'$', b'(', ..] => closing_parenthesis(&here[2..]).map(|end| &here[2..2 + end]),
            [b'`', ..] => here[1..].find('`').map(|end| &here[1..=end]),
            _ => None,
        };
        found.extend(inner.map(commands).unwrap_or_default());
        rest = &here[inner.map_or(1, |inner| inner.len() + 2)..];
    }
    found
}

/// Where a text in double quotes ends.
fn closing_quote(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        match letter {
            '"' => return Some(at),
            '\\' => at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
            '$' if text[at..].starts_with("$(") => at += 3 + closing_parenthesis(&text[at + 2..])?,
            other => at += other.len_utf8(),
        }
    }
    None
}

/// Where a command within another ends.
fn closing_parenthesis(text: &str) -> Option<usize> {
    let (mut at, mut open) = (0, 0_usize);
    while let Some(letter) = text[at..].chars().next() {
        at += match letter {
            ')' if open == 0 => return Some(at),
            ')' => {
                open -= 1;
                1
            }
            '(' => {
                open += 1;
                1
            }
            '\\' => 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
            '\'' => 2 + text[at + 1..].find('\'')?,
            '"' => 2 + closing_quote(&text[at + 1..])?,
            other => other.len_utf8(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(script: &str) -> Vec<String> {
        commands(script).iter().map(|words| words.join("·")).collect()
    }

    #[test]
    fn what_is_printed_is_no_command() {
        assert_eq!(read("echo \"done; git push\" # git push"), ["echo·done; git push"]);
        assert_eq!(read("cat > x <<'EOF'\ngit push $(git push)\nEOF\nls"), ["cat·>·x", "ls"]);
        assert_eq!(read("echo 'a' \\\n  b && true | c 2>&1"), ["echo·a·b", "true", "c·2>&1"]);
        assert_eq!(read("x=${{ a && 'b' }}; y"), ["x=${{ a && 'b' }}", "y"]);
    }

    #[test]
    fn commands_within_commands_are_found() {
        assert_eq!(read("echo \"$(git push \"a b\")\""), ["git·push·a b", "echo·$(git push \"a b\")"]);
        assert_eq!(read("a `b c`"), ["b·c", "a·`b c`"]);
        assert_eq!(read("bash -ec 'a; b'"), ["a", "b", "bash·-ec·a; b"]);
        assert_eq!(read("bash <<E\na b\nE"), ["bash", "a·b"]);
        assert_eq!(read("cat <<E\n$(a b)\nE\n"), ["cat", "a·b"]);
        assert_eq!(read("(a); f() { b; }"), ["a", "f", "{·b", "}"]);
    }

    #[test]
    fn what_has_no_end_is_text() {
        assert_eq!(read("echo don't\ngit push"), ["echo·don't", "git·push"]);
        assert_eq!(read("x = 1 << 2\ny"), ["x·=·1·2", "y"]);
        assert_eq!(read("a \"$(b"), ["a·\"b"]);
        assert_eq!(read("a \\"), ["a"]);
    }
}
