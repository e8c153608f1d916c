//! `toJSON` (`ToJson.cs`), and values of JSON.

use std::fmt::Write;

use super::number::number_text;
use super::value::{Object, Value};

/// The text that `toJSON` gives: two blanks a level, numbers in at most 15 digits.
pub(super) fn to_json(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, 0);
    text
}

fn write_value(text: &mut String, value: &Value, level: usize) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number_text(*number)),
        Value::String(string) => text.push_str(&quoted(string)),
        Value::Array(array) => {
            let items = array.items.iter().map(|item| (None, item));
            write_block(text, ('[', ']'), items, level);
        }
        Value::Object(object) => {
            let entries = object.iter().map(|(key, value)| (Some(key), value));
            write_block(text, ('{', '}'), entries, level);
        }
        Value::Unknown(unknown) => text.push_str(&quoted(&unknown.source)),
    }
}

fn write_block<'a>(
    text: &mut String,
    (open, close): (char, char),
    entries: impl Iterator<Item = (Option<&'a str>, &'a Value)>,
    level: usize,
) {
    text.push(open);
    let mut any = false;
    for (key, value) in entries {
        text.push_str(if any { "," } else { "" });
        any = true;
        text.push('\n');
        text.push_str(&"  ".repeat(level + 1));
        if let Some(key) = key {
            text.push_str(&quoted(key));
            text.push_str(": ");
        }
        write_value(text, value, level + 1);
    }
    if any {
        text.push('\n');
        text.push_str(&"  ".repeat(level));
    }
    text.push(close);
}

/// A string as Newtonsoft's JSON writes it: serde's way, and three line separators escaped besides.
fn quoted(string: &str) -> String {
    let mut text = String::with_capacity(string.len() + 2);
    for letter in serde_json::Value::from(string).to_string().chars() {
        match letter {
            '\u{85}' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(letter));
            }
            _ => text.push(letter),
        }
    }
    text
}

/// The value of JSON.
pub fn of_json(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        serde_json::Value::String(text) => Value::text(&text),
        serde_json::Value::Array(items) => Value::list(items.into_iter().map(of_json).collect()),
        serde_json::Value::Object(entries) => {
            Value::object(entries.into_iter().map(|(key, value)| (key, of_json(value))).collect::<Object>())
        }
    }
}

/// The same value as JSON. A whole number is written without a point; what is unknown shows its expression.
#[expect(clippy::cast_possible_truncation, reason = "only whole numbers that fit are made integers")]
pub fn as_json(value: &Value) -> serde_json::Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) if number.fract() == 0.0 && number.abs() < EXACT => (*number as i64).into(),
        Value::Number(number) => (*number).into(),
        Value::String(text) => text.as_ref().into(),
        Value::Array(array) => array.items.iter().map(as_json).collect(),
        Value::Object(object) => object.iter().map(|(key, value)| (key.to_owned(), as_json(value))).collect(),
        Value::Unknown(unknown) => unknown.shown().into(),
    }
}
