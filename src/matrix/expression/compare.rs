//! GitHub's loose comparison: JavaScript's `==` with text that ignores case and objects that are not coerced
//! (`EvaluationResult.AbstractEqual`, `AbstractGreaterThan`, `AbstractLessThan`).

use std::cmp::Ordering;
use std::sync::Arc;

use super::number::parse_number;
use super::text::{equal_ignoring_case, fold, order_ignoring_case};
use super::value::{Known, Value};

/// The number that a value counts as (`ConvertToNumber`).
pub(super) fn to_number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Number(number) => *number,
        Value::String(text) => parse_number(text),
        Value::Array(_) | Value::Object(_) | Value::Unknown(_) => f64::NAN,
    }
}

/// Brings two values to one kind where GitHub does (`CoerceTypes`).
fn coerced(left: &Value, right: &Value) -> (Value, Value) {
    let number = |value: &Value| Value::Number(to_number(value));
    match (left, right) {
        (Value::Null, Value::Null) | (Value::Bool(_), Value::Bool(_)) => (left.clone(), right.clone()),
        (Value::Number(_), Value::String(_)) => (left.clone(), number(right)),
        (Value::String(_), Value::Number(_)) => (number(left), right.clone()),
        (Value::Null | Value::Bool(_), _) => coerced(&number(left), right),
        (_, Value::Null | Value::Bool(_)) => coerced(left, &number(right)),
        _ => (left.clone(), right.clone()),
    }
}

/// Whether two known values are equal.
#[expect(clippy::float_cmp, reason = "GitHub compares its numbers so")]
pub fn loosely_equal(left: &Value, right: &Value) -> bool {
    match coerced(left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::String(left), Value::String(right)) => equal_ignoring_case(&left, &right),
        (Value::Array(left), Value::Array(right)) => Arc::ptr_eq(&left, &right),
        (Value::Object(left), Value::Object(right)) => Arc::ptr_eq(&left, &right),
        _ => false,
    }
}

/// The order of two known values, if GitHub orders them.
pub(super) fn loose_order(left: &Value, right: &Value) -> Option<Ordering> {
    match coerced(left, right) {
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(&right),
        (Value::String(left), Value::String(right)) => Some(order_ignoring_case(&left, &right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(&right)),
        _ => None,
    }
}

/// Whether two values are equal, of which one may not be known; `None` if that is not known either.
pub(super) fn perhaps_equal(left: &Value, right: &Value) -> Option<bool> {
    if let (Some(lefts), Some(rights)) = (left.candidates(), right.candidates()) {
        let mut pairs =
            lefts.iter().flat_map(|left| rights.iter().map(move |right| loosely_equal(left, right)));
        let first = pairs.next()?;
        return pairs.all(|equal| equal == first).then_some(first);
    }
    surely_unequal(left, right).then_some(false)
}

/// Whether two values of which one is not known can be told to be unequal.
pub(super) fn surely_unequal(left: &Value, right: &Value) -> bool {
    begin_differently(left, right)
        || is_other_text(left, right)
        || is_other_text(right, left)
        || emptiness_differs(left, right)
        || emptiness_differs(right, left)
        || is_no_number(left) && counts_as_number(right)
        || is_no_number(right) && counts_as_number(left)
}

fn begin_differently(left: &Value, right: &Value) -> bool {
    let (Some(one), Some(two)) = (left.folded_prefix(), right.folded_prefix()) else { return false };
    let whole = |value: &Value| matches!(value, Value::String(_));
    let fits = |begin: &str, text: &str, text_is_whole: bool| {
        text.starts_with(begin) || (!text_is_whole && begin.starts_with(text))
    };
    !(fits(&one, &two, whole(right)) || whole(left) && one.starts_with(&two))
}

/// The one has a number at a place where the other has none.
fn is_other_text(unknown: &Value, other: &Value) -> bool {
    other.as_text().is_some_and(|text| unknown.may_be(&fold(text)) == Some(false))
}

/// The one may not be empty, the other is.
fn emptiness_differs(unknown: &Value, other: &Value) -> bool {
    let Value::Unknown(unknown) = unknown else { return false };
    let never_empty = matches!(&unknown.known, Known::Text { never_empty: true, .. });
    never_empty && matches!(other, Value::String(text) if text.is_empty())
}

/// Text whose beginning rules out that it counts as a number.
fn is_no_number(value: &Value) -> bool {
    let Value::Unknown(unknown) = value else { return false };
    let prefix = match &unknown.known {
        Known::Text { prefix, .. } => prefix,
        Known::Numbered { after, .. } => return !after.is_empty(),
        _ => return false,
    };
    let may_begin_number = |letter: char| letter.is_ascii_digit() || " \t\r\n+-.I".contains(letter);
    prefix.chars().next().is_some_and(|first| !may_begin_number(first))
}

fn counts_as_number(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(_) | Value::Number(_))
}
