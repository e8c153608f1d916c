//! What is wrong with a file, and where.

use std::fmt;

/// Something wrong at a place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// The file, from the root of the tree.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path, self.line, self.column, self.message)
    }
}

impl FileProblem {
    /// A problem of the file as a whole.
    pub fn whole(path: &str, message: String) -> FileProblem {
        FileProblem { path: path.to_owned(), line: 1, column: 1, message }
    }

    /// A problem at this byte of the text.
    pub fn at_byte((path, text): (&str, &str), byte: usize, message: String) -> FileProblem {
        let before = &text[..text.floor_char_boundary(byte)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        FileProblem {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
        }
    }
}
