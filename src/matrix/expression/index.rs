//! Looking into values: `a.b`, `a[0]`, `a.*` (`Index.cs`).

use super::compare::to_number;
use super::unknown::one_of;
use super::value::{Array, Known, Object, Value};

/// What is looked up.
#[derive(Debug, Clone)]
pub(super) enum Index {
    /// `.*` or `[*]`.
    Every,
    /// A key or a position.
    At(Value),
}

impl Index {
    fn key(&self) -> Option<String> {
        match self {
            Index::At(value) if value.is_primitive() => Some(value.to_text()),
            _ => None,
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are ruled out before")]
    fn position(&self) -> Option<usize> {
        let Index::At(value) = self else { return None };
        let number = to_number(value).floor();
        (number >= 0.0 && number <= f64::from(i32::MAX)).then_some(number as usize)
    }

    /// As it is written after a context.
    fn shown(&self) -> String {
        match self {
            Index::Every => ".*".to_owned(),
            Index::At(Value::String(key)) => format!(".{key}"),
            Index::At(other) => format!("[{}]", other.to_text()),
        }
    }

    fn in_object(&self, object: &Object) -> Option<Value> {
        let key = self.key()?;
        let unknown = || {
            let rest = object.rest()?;
            let source = format!("{}.{key}", rest.source);
            Some(if rest.is_text {
                Value::unknown_text(source)
            } else {
                Value::unknown(source, Known::Nothing)
            })
        };
        object.get(&key).cloned().or_else(unknown)
    }

    fn in_items(&self, items: &[Value]) -> Option<Value> {
        self.position().and_then(|position| items.get(position).cloned())
    }
}

/// What stands there; null, or an empty list for a filter, where there is nothing.
pub(super) fn look_up(left: &Value, index: &Index) -> Value {
    if let Index::At(Value::Unknown(unknown)) = index {
        return match index_candidates(index) {
            Some(all) => one_of(&unknown.source, all.iter().map(|at| look_up(left, at)).collect()),
            None => Value::unknown(&*unknown.source, Known::Nothing),
        };
    }
    match (left, index) {
        (Value::Unknown(unknown), _) => in_unknown(left, &unknown.source, index),
        (Value::Array(array), _) if array.filtered => in_filtered(array, index),
        (Value::Array(array), Index::Every) => Value::filtered(array.items.clone()),
        (Value::Object(object), Index::Every) => match object.rest() {
            Some(rest) => Value::unknown(format!("{}.*", rest.source), Known::List),
            None => Value::filtered(object.values().cloned().collect()),
        },
        (_, Index::Every) => Value::filtered(Vec::new()),
        (Value::Array(array), index) => index.in_items(&array.items).unwrap_or(Value::Null),
        (Value::Object(object), index) => index.in_object(object).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

fn index_candidates(index: &Index) -> Option<Vec<Index>> {
    let Index::At(value) = index else { return None };
    Some(value.candidates()?.into_iter().map(Index::At).collect())
}

fn in_unknown(left: &Value, source: &str, index: &Index) -> Value {
    let deeper = format!("{source}{}", index.shown());
    match left.candidates() {
        Some(all) => one_of(&deeper, all.iter().map(|value| look_up(value, index)).collect()),
        None if matches!(index, Index::Every) => Value::unknown(deeper, Known::List),
        None => Value::unknown(deeper, Known::Nothing),
    }
}

/// Applies the index to each item; those that have nothing there are left out.
fn in_filtered(array: &Array, index: &Index) -> Value {
    if let Some(unknown) = array.items.iter().find(|item| matches!(item, Value::Unknown(_))) {
        let source = unknown.hangs_on().unwrap_or_default();
        return Value::unknown(format!("{source}{}", index.shown()), Known::List);
    }
    let mut found = Vec::new();
    for item in &array.items {
        match (item, index) {
            (Value::Object(object), Index::Every) => found.extend(object.values().cloned()),
            (Value::Array(inner), Index::Every) => found.extend(inner.items.iter().cloned()),
            (Value::Object(object), index) => found.extend(index.in_object(object)),
            (Value::Array(inner), index) => found.extend(index.in_items(&inner.items)),
            _ => {}
        }
    }
    Value::filtered(found)
}
