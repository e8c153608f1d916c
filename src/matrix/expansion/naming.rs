//! The name of a job as GitHub shows it (`JobNameBuilder.cs`).

use super::matrix::Configuration;
use crate::matrix::expression::{Object, Value};

/// More UTF-16 units than this are cut.
const LONGEST: usize = 100;

/// The name with the values of the matrix behind it: all leaves that are booleans, numbers or text, without empty ones.
pub fn job_name(name: &str, configuration: Option<&Configuration>) -> String {
    let mut segments = Vec::new();
    if let Some(configuration) = configuration {
        let shown = configuration.matrix.values().take(configuration.shown);
        shown.for_each(|value| leaves(value, &mut segments));
    }
    cut(&if segments.is_empty() { name.to_owned() } else { format!("{name} ({})", segments.join(", ")) })
}

fn leaves(value: &Value, segments: &mut Vec<String>) {
    match value {
        Value::Array(array) => array.items.iter().for_each(|item| leaves(item, segments)),
        Value::Object(object) => Object::values(object).for_each(|value| leaves(value, segments)),
        leaf => {
            let text = leaf.to_text();
            if !text.is_empty() {
                segments.push(text);
            }
        }
    }
}

/// At most a hundred units; what is longer ends in dots.
fn cut(name: &str) -> String {
    if name.encode_utf16().count() <= LONGEST {
        return name.to_owned();
    }
    let units: Vec<u16> = name.encode_utf16().take(LONGEST - 3).collect();
    format!("{}...", String::from_utf16_lossy(&units))
}
