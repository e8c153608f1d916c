//! YAML into the values of expressions. `22.04` is a number there, as it is for GitHub, and `on` is no boolean.

use yaml_serde::Value as Yaml;

use super::problem::FileProblem;
use crate::matrix::expression::{Object, Value};

/// Reads a file.
///
/// # Errors
/// [`FileProblem`] at the place where it is no YAML.
pub fn read_yaml(path: &str, text: &str) -> Result<Value, FileProblem> {
    let text = text.trim_start_matches('\u{feff}');
    match yaml_serde::from_str::<Yaml>(text) {
        Ok(yaml) => Ok(value_of_yaml(&yaml)),
        Err(error) => {
            let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
            let message = error.to_string();
            // The library ends its messages with the position, which stands before them here.
            let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
            Err(FileProblem { path: path.to_owned(), line, column, message })
        }
    }
}

/// The same value.
fn value_of_yaml(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(*value),
        Yaml::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        Yaml::String(text) => Value::text(text),
        Yaml::Sequence(items) => Value::list(items.iter().map(value_of_yaml).collect()),
        Yaml::Mapping(mapping) => {
            let entries =
                mapping.iter().map(|(key, value)| (value_of_yaml(key).to_text(), value_of_yaml(value)));
            Value::object(entries.collect::<Object>())
        }
        Yaml::Tagged(tagged) => value_of_yaml(&tagged.value),
    }
}
