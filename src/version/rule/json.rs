//! A JSON file with the bytes of its strings.

use std::ops::Range;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::{CollectOptions, ParseOptions};

use crate::version::error::VersionError;
use crate::version::files::TextFile;
use crate::version::place::line_of;

/// Looks at the object that a file holds.
///
/// # Errors
/// When it cannot be parsed, or holds something else.
pub(in crate::version) fn with_root<T>(
    file: &TextFile,
    look: impl FnOnce(&Object<'_>) -> T,
) -> Result<T, VersionError> {
    let syntax =
        |line, message| VersionError::Syntax { path: file.path.clone(), line, format: "JSON", message };
    let parsed = jsonc_parser::parse_to_ast(&file.text, &CollectOptions::default(), &ParseOptions::default())
        .map_err(|error| syntax(line_of(&file.text, error.range().start), error.kind().to_string()))?;
    match &parsed.value {
        Some(Value::Object(root)) => Ok(look(root)),
        _ => Err(syntax(1, "expected an object".to_owned())),
    }
}

/// The bytes between the quotes; `None` if the key is absent, not a string, or written with escapes.
pub(in crate::version) fn string_at(text: &str, object: &Object<'_>, key: &str) -> Option<Range<usize>> {
    let string = object.get_string(key)?;
    let range = string.range.start + 1..string.range.end.saturating_sub(1);
    (text.get(range.clone()) == Some(&*string.value)).then_some(range)
}
