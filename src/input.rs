//! Reading the files that a user writes: TOML into typed data, and every mistake with its place and remedy.

mod belongs;
mod parser_words;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use self::belongs::tables_with;
use self::parser_words::{Worded, worded};

/// A file of the user, kept with its text so that a later check can still point into it.
#[derive(Debug, Clone)]
pub struct Source {
    path: PathBuf,
    text: Arc<str>,
}

/// One part of the path to a value in a file.
#[derive(Debug, Clone, Copy)]
pub enum KeyPart<'a> {
    /// A key of a table.
    Key(&'a str),
    /// A position in an array, from 0.
    Index(usize),
}

/// The files that users write and that have a schema of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserFile {
    /// `catalog.toml`.
    Catalog,
    /// `release.toml`.
    Release,
    /// A workflow.
    Workflow,
    /// `world.toml`.
    World,
}

impl UserFile {
    /// Recognised by its name: what a workflow's file is called is up to the user, and `workflow.toml` a custom.
    fn at(path: &Path) -> Option<UserFile> {
        match path.file_stem()?.to_str()? {
            "catalog" => Some(UserFile::Catalog),
            "release" => Some(UserFile::Release),
            "workflow" => Some(UserFile::Workflow),
            "world" => Some(UserFile::World),
            _ => None,
        }
    }
}

/// Something in a user's file is not as it must be.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    /// The file.
    pub path: PathBuf,
    /// Its text, for showing the place; shared with the source that it comes from. Empty when the file could not be read.
    pub text: Arc<str>,
    /// The bytes of the place. `None` when the error concerns the file as a whole.
    pub span: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The file whose schema says what it may hold, where that helps.
    pub schema: Option<UserFile>,
}

impl InputError {
    /// An error about a file as a whole.
    pub fn whole(path: &Path, message: impl Into<String>, hint: impl Into<String>) -> InputError {
        InputError {
            path: path.to_owned(),
            text: Arc::default(),
            span: None,
            message: message.into(),
            hint: Some(hint.into()),
            schema: None,
        }
    }

    /// Line and column of the place, both from 1.
    #[must_use]
    pub fn line_and_column(&self) -> Option<(usize, usize)> {
        let start = self.span.as_ref()?.start.min(self.text.len());
        let before = self.text.get(..start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
        Some((line, column))
    }
}

/// More than any file has that people write.
const LARGEST: u64 = 64 << 20;

/// What a file holds that somebody named. A device, a pipe or a file without end is refused rather than read.
///
/// # Errors
/// When it cannot be read, is no file, or is larger than 64 MiB.
pub(crate) fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let found = std::fs::metadata(path)?;
    if !found.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if found.len() > LARGEST {
        return Err(io::Error::other("it is larger than 64 MiB"));
    }
    std::fs::read(path)
}

/// As [`bytes_of`], for a text.
///
/// # Errors
/// As there, and when it is not UTF-8.
pub(crate) fn text_of(path: &Path) -> io::Result<String> {
    String::from_utf8(bytes_of(path)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// When the file is missing or is not text; `what` names it for the message (`catalog`, `release file`).
    pub fn read(path: &Path, what: &str) -> Result<Source, InputError> {
        match text_of(path) {
            Ok(text) => Ok(Source { path: path.to_owned(), text: text.into() }),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Err(InputError {
                schema: UserFile::at(path),
                ..InputError::whole(
                    path,
                    format!("there is no {what} at `{}`", path.display()),
                    "give the directory that holds it, or write one",
                )
            }),
            Err(cause) => Err(InputError::whole(
                path,
                format!("failed to read the {what} `{}`: {cause}", path.display()),
                "check that it is a readable text file in UTF-8",
            )),
        }
    }

    /// A source from text that is already here, such as a built-in workflow.
    #[must_use]
    pub fn from_text(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    /// The same file with another value at this place; everything else keeps its bytes. `None` when there is no such place.
    #[must_use]
    pub fn with_value(&self, path: &[KeyPart<'_>], value: &str) -> Option<Source> {
        let mut text = self.text.to_string();
        text.replace_range(self.span_of(path)?, value);
        Some(Source::from_text(&self.path, text))
    }

    /// The file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The typed content.
    ///
    /// # Errors
    /// With the place, and for an unknown key the table that has it, or the nearest known one.
    pub fn parse<T: DeserializeOwned + JsonSchema>(&self) -> Result<T, InputError> {
        toml::from_str(&self.text).map_err(|cause| {
            let Worded { message, hint } = worded(cause.message());
            let nearest = misspelt(&message)
                .or_else(|| known_elsewhere::<T>(&message))
                .or_else(|| nearest_known(&message));
            let schema = UserFile::at(&self.path).filter(|_| nearest.is_none());
            let hint = hint.or(nearest);
            InputError {
                path: self.path.clone(),
                text: self.text.clone(),
                span: cause.span(),
                schema,
                hint,
                message,
            }
        })
    }

    /// An error at the value that `path` leads to, or at its nearest ancestor that the file really holds.
    pub fn error_at(
        &self,
        path: &[KeyPart<'_>],
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> InputError {
        InputError {
            path: self.path.clone(),
            text: self.text.clone(),
            span: self.span_of(path),
            message: message.into(),
            hint: Some(hint.into()),
            schema: None,
        }
    }

    fn span_of(&self, path: &[KeyPart<'_>]) -> Option<Range<usize>> {
        let document = toml_edit::Document::parse(&self.text).ok()?;
        let mut item = document.as_item();
        let mut span = None;
        for part in path {
            let next = match part {
                KeyPart::Key(key) => item.get(key),
                // A list of one may be written as the one alone.
                KeyPart::Index(0) if item.is_table_like() => Some(item),
                KeyPart::Index(index) => item.get(index),
            };
            let Some(next) = next else { break };
            span = next.span().or(span);
            item = next;
        }
        span
    }
}

/// From serde's "unknown field `x`, expected one of `a`, `b`": the nearest of the expected ones.
fn nearest_known(message: &str) -> Option<String> {
    let (given, known) = unknown(message)?;
    if known.is_empty() { None } else { Some(suggest(given, known)) }
}

/// What is not known, and what is there.
fn unknown(message: &str) -> Option<(&str, Vec<&str>)> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let given = quoted.next().filter(|_| message.starts_with("unknown"))?;
    Some((given, quoted.collect()))
}

/// The known key that is meant, if one differs by a letter: that it is another one's elsewhere is chance then.
fn misspelt(message: &str) -> Option<String> {
    let (given, known) = unknown(message)?;
    let is_near = |name: &&str| strsim::damerau_levenshtein(given, name) == 1;
    known.into_iter().find(is_near).map(|name| format!("did you mean `{name}`?"))
}

/// Where in the file a key belongs that stands in the wrong table.
fn known_elsewhere<T: JsonSchema>(message: &str) -> Option<String> {
    let (given, known) = unknown(message).filter(|_| message.starts_with("unknown field"))?;
    let schema = serde_json::to_value(schemars::schema_for!(T)).ok()?;
    let tables = tables_with(&schema, given, &known);
    (!tables.is_empty()).then(|| format!("`{given}` belongs in {}", tables.join(" or ")))
}

/// A hint for a name that is not among the known ones: the nearest if one is near, else the whole list.
#[must_use]
pub fn suggest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), *name))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, name)) if distance <= given.len().max(name.len()) / 2 => {
            format!("did you mean `{name}`?")
        }
        _ if known.is_empty() => "nothing is allowed here".to_owned(),
        _ if known.len() == 1 => format!("write `{}`", known[0]),
        _ => format!("expected one of `{}`", known.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Example {
        #[allow(dead_code)]
        branches: Vec<String>,
    }

    #[test]
    fn unknown_key_is_shown_with_its_place_and_the_nearest_known_one() {
        let source = Source::from_text("catalog.toml", "# words\nbranchs = []\n");
        let error = source.parse::<Example>().unwrap_err();
        assert_eq!(error.line_and_column(), Some((2, 1)));
        assert_eq!(error.hint.as_deref(), Some("did you mean `branches`?"));
    }

    #[test]
    fn what_is_no_file_or_has_no_end_is_not_read() {
        let refused = bytes_of(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(refused.to_string(), "it is not a file");
        let error = Source::read(Path::new("/dev/zero"), "catalog").unwrap_err();
        assert!(
            error.to_string().contains("failed to read the catalog `/dev/zero`: it is not a file"),
            "{error}"
        );
    }

    #[test]
    fn another_value_leaves_everything_else_as_it_is() {
        let source = Source::from_text("release.toml", "# why\r\nhour  =  'then' # who\r\nname = 'then'\r\n");
        let changed = source.with_value(&[KeyPart::Key("hour")], "\"now\"").unwrap();
        assert_eq!(changed.text(), "# why\r\nhour  =  \"now\" # who\r\nname = 'then'\r\n");
        assert!(source.with_value(&[KeyPart::Key("day")], "1").is_none());
    }

    #[test]
    fn later_check_points_at_the_value() {
        let source = Source::from_text("catalog.toml", "branches = [\"main\", \"mian\"]\n");
        let error =
            source.error_at(&[KeyPart::Key("branches"), KeyPart::Index(1)], "no such branch", "fix it");
        assert_eq!(error.line_and_column(), Some((1, 21)));
    }
}
