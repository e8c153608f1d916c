//! A TOML file with the bytes of each of its strings.

use std::ops::Range;

use toml_edit::{Document, Item};

use super::error::VersionError;
use super::files::{TreeReader, need};
use super::place::line_of;

/// A parsed file that still knows its text. Parsed read-only: the document is never written back, because
/// only a splice of the original text keeps line endings and byte order mark as they were.
#[derive(Debug)]
pub(super) struct TomlFile {
    pub(super) path: String,
    pub(super) text: String,
    document: Document<String>,
}

/// A string value and the bytes between its quotes.
#[derive(Debug, Clone)]
pub(super) struct Quoted {
    pub(super) value: String,
    pub(super) range: Range<usize>,
}

impl TomlFile {
    /// Reads and parses the file.
    pub(super) fn open(files: &dyn TreeReader, path: &str, expected: &str) -> Result<TomlFile, VersionError> {
        let text = need(files, path, expected)?.text;
        let document = Document::parse(text.clone()).map_err(|error| VersionError::Syntax {
            path: path.to_owned(),
            line: line_of(&text, error.span().map_or(0, |span| span.start)),
            format: "TOML",
            message: error.message().to_owned(),
        })?;
        Ok(TomlFile { path: path.to_owned(), text, document })
    }

    /// The root of the file.
    pub(super) fn root(&self) -> &Item {
        self.document.as_item()
    }

    /// The item at this path of keys.
    pub(super) fn get(&self, keys: &[&str]) -> Option<&Item> {
        keys.iter().try_fold(self.root(), |item, key| item.as_table_like()?.get(key))
    }

    /// The bytes between the quotes of a string; `None` if the item is something else.
    ///
    /// # Errors
    /// A string that is written with escapes or over several lines, since then its bytes are not its value.
    pub(super) fn quoted(&self, item: &Item) -> Result<Option<Quoted>, VersionError> {
        let Some(value) = item.as_str() else { return Ok(None) };
        let Some(span) = item.span() else { return Ok(None) };
        self.bytes_of(value, span).map(Some)
    }

    /// As [`TomlFile::quoted`], for an element of an array.
    pub(super) fn quoted_value(&self, item: &toml_edit::Value) -> Result<Option<Quoted>, VersionError> {
        let (Some(value), Some(span)) = (item.as_str(), item.span()) else { return Ok(None) };
        self.bytes_of(value, span).map(Some)
    }

    fn bytes_of(&self, value: &str, span: Range<usize>) -> Result<Quoted, VersionError> {
        let range = span.start + 1..span.end.saturating_sub(1);
        if self.text.get(range.clone()) == Some(value) {
            return Ok(Quoted { value: value.to_owned(), range });
        }
        Err(VersionError::Malformed {
            path: self.path.clone(),
            line: self.line(span.start),
            found: self.text.get(span).unwrap_or_default().to_owned(),
            expected: "a plain string in single or double quotes".into(),
        })
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        line_of(&self.text, offset)
    }
}
