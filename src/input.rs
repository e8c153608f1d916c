//! Reading the files that a user writes: TOML into typed data, and every mistake with its place and remedy.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// A file of the user, kept with its text so that a later check can still point into it.
#[derive(Debug, Clone)]
pub struct Source {
    path: PathBuf,
    text: String,
}

/// One part of the way to a value: a key, or the position in an array (from 0).
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// A key of a table.
    Key(&'a str),
    /// A position in an array, from 0.
    Index(usize),
}

/// Something in a user's file is not as it must be.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    /// The file.
    pub path: PathBuf,
    /// Its text, for showing the place. Empty when the file could not be read.
    pub text: String,
    /// The bytes of the place. `None` when the error concerns the file as a whole.
    pub span: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl InputError {
    /// An error about a file as a whole.
    pub fn whole(path: &Path, message: impl Into<String>, hint: impl Into<String>) -> InputError {
        InputError {
            path: path.to_owned(),
            text: String::new(),
            span: None,
            message: message.into(),
            hint: Some(hint.into()),
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

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// When the file is missing or is not text; `what` names it for the message (`catalog`, `release file`).
    pub fn read(path: &Path, what: &str) -> Result<Source, InputError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Source { path: path.to_owned(), text }),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Err(InputError::whole(
                path,
                format!("there is no {what} at `{}`", path.display()),
                format!(
                    "give the directory that holds it, or write one; `lockgate schema {}` prints its form",
                    path.file_stem().map_or_else(|| "catalog".into(), |stem| stem.to_string_lossy())
                ),
            )),
            Err(cause) => Err(InputError::whole(
                path,
                format!("failed to read the {what} `{}`: {cause}", path.display()),
                "check that it is a readable text file in UTF-8",
            )),
        }
    }

    /// A source from text that is already here, such as a built-in workflow.
    #[must_use]
    pub fn from_text(path: impl Into<PathBuf>, text: impl Into<String>) -> Source {
        Source { path: path.into(), text: text.into() }
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
    /// With the place, and for an unknown key the nearest known one.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, InputError> {
        toml::from_str(&self.text).map_err(|cause| {
            let message = cause.message().to_owned();
            InputError {
                path: self.path.clone(),
                text: self.text.clone(),
                span: cause.span(),
                hint: nearest_known(&message).or_else(|| form_of(&self.path)),
                message,
            }
        })
    }

    /// An error at the value that `way` leads to, or at its nearest ancestor that the file really holds.
    pub fn error_at(
        &self,
        way: &[Part<'_>],
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> InputError {
        InputError {
            path: self.path.clone(),
            text: self.text.clone(),
            span: self.span_of(way),
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    fn span_of(&self, way: &[Part<'_>]) -> Option<Range<usize>> {
        let document = toml_edit::Document::parse(self.text.as_str()).ok()?;
        let mut item = document.as_item();
        let mut span = None;
        for part in way {
            let next = match part {
                Part::Key(key) => item.get(key),
                Part::Index(index) => item.get(index),
            };
            let Some(next) = next else { break };
            span = next.span().or(span);
            item = next;
        }
        span
    }
}

/// Where the form of one of our own files is told; nothing for a file that nobody knows.
fn form_of(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    let known = ["catalog", "release", "workflow"].contains(&stem);
    known.then(|| format!("correct it there; `lockgate schema {stem}` says what may stand in that file"))
}

/// From serde's "unknown field `x`, expected one of `a`, `b`": the nearest of the expected ones.
fn nearest_known(message: &str) -> Option<String> {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (given, known) = quoted.split_first()?;
    if known.is_empty() || !message.starts_with("unknown") {
        return None;
    }
    Some(suggest(given, known.iter().copied()))
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
        _ if known.is_empty() => "nothing may stand here".to_owned(),
        _ => format!("known here: `{}`", known.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
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
    fn later_check_points_at_the_value() {
        let source = Source::from_text("catalog.toml", "branches = [\"main\", \"mian\"]\n");
        let error = source.error_at(&[Part::Key("branches"), Part::Index(1)], "no such branch", "fix it");
        assert_eq!(error.line_and_column(), Some((1, 21)));
    }
}
