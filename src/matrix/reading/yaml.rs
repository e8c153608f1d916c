//! YAML into the values of expressions. `22.04` is a number there, as it is for GitHub, and `on` is no boolean.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::problem::FileProblem;
use crate::matrix::expression::{Value, fold};

/// Reads a file. Keys that differ in case alone are the same key, which may stand there once (`TemplateReader`).
///
/// # Errors
/// [`FileProblem`] at the place where it is no YAML, or at the mapping that has a key twice.
pub fn read_yaml(path: &str, text: &str) -> Result<Value, FileProblem> {
    let text = text.trim_start_matches('\u{feff}');
    match yaml_serde::from_str::<Read>(text) {
        Ok(Read(value)) => Ok(value),
        Err(error) => {
            let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
            let message = error.to_string();
            // The library ends its messages with the position, which stands before them here.
            let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
            Err(FileProblem { path: path.to_owned(), line, column, message })
        }
    }
}

/// A value as it is read: numbers of any size, and what a tag stands before.
struct Read(Value);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Read, D::Error> {
        from.deserialize_any(Reader).map(Read)
    }
}

struct Reader;

#[expect(clippy::cast_precision_loss, reason = "GitHub knows one kind of number")]
impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::text(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(Reader)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Read(item)) = from.next_element()? {
            items.push(item);
        }
        Ok(Value::list(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let (mut entries, mut known) = (Vec::new(), HashSet::new());
        while let Some(Read(key)) = from.next_key()? {
            let key = key.to_text();
            if !known.insert(fold(&key)) {
                return Err(A::Error::custom(format!("`{key}` is already defined")));
            }
            let Read(value) = from.next_value()?;
            entries.push((key, value));
        }
        Ok(Value::object(entries.into_iter().collect()))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, from: A) -> Result<Value, A::Error> {
        let (_, tagged) = from.variant::<String>()?;
        tagged.newtype_variant::<Read>().map(|Read(value)| value)
    }
}
