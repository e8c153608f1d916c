//! What is not known before a run, and what is known of it all the same: enough to say that
//! `startsWith(github.ref, 'refs/tags/')` is false on a pull request, whatever its number.

use std::sync::Arc;

use super::text::fold;
use super::value::{Known, Unknown, Value};

/// More possibilities than this are not kept apart.
const MOST: usize = 32;

impl Value {
    /// Not known.
    pub fn unknown(source: impl Into<String>, known: Known) -> Value {
        Value::Unknown(Arc::new(Unknown { source: source.into(), known, written: None }))
    }

    /// The same; if it is unknown, this text of the file stands for it.
    pub(super) fn written_as(self, text: &str) -> Value {
        match self {
            Value::Unknown(unknown) => Value::Unknown(Arc::new(Unknown {
                source: unknown.source.clone(),
                known: unknown.known.clone(),
                written: Some(text.to_owned()),
            })),
            known => known,
        }
    }

    /// Text that is not known.
    pub fn unknown_text(source: impl Into<String>) -> Value {
        Value::unknown(source, Known::Text { prefix: String::new(), never_empty: false })
    }

    /// Text that begins so.
    pub fn unknown_after(source: impl Into<String>, prefix: impl Into<String>) -> Value {
        Value::unknown(source, Known::Text { prefix: prefix.into(), never_empty: true })
    }

    /// Text with a number in it that is not known.
    pub fn unknown_number_between(source: &str, before: &str, after: &str) -> Value {
        Value::unknown(source, Known::Numbered { before: before.to_owned(), after: after.to_owned() })
    }

    /// True or false.
    pub fn unknown_bool(source: impl Into<String>) -> Value {
        Value::unknown(source, Known::OneOf(vec![Value::Bool(true), Value::Bool(false)]))
    }

    /// All that it may be; `None` if that is no short list.
    pub(super) fn candidates(&self) -> Option<Vec<Value>> {
        match self {
            Value::Unknown(unknown) => match &unknown.known {
                Known::OneOf(values) => Some(values.clone()),
                _ => None,
            },
            _ => Some(vec![self.clone()]),
        }
    }

    /// How it begins as text, folded: all of it where it is known.
    pub(super) fn folded_prefix(&self) -> Option<String> {
        match self {
            Value::String(text) => Some(fold(text)),
            Value::Unknown(unknown) => match &unknown.known {
                Known::Text { prefix, .. } | Known::Numbered { before: prefix, .. } => Some(fold(prefix)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What stands before and behind a number that is not known, folded.
    fn around_number(&self) -> Option<(String, String)> {
        let Value::Unknown(unknown) = self else { return None };
        let Known::Numbered { before, after } = &unknown.known else { return None };
        Some((fold(before), fold(after)))
    }

    /// Whether text with a number in it may be this one, which is folded; `None` if this is no such text.
    pub(super) fn may_be(&self, text: &str) -> Option<bool> {
        let (before, after) = self.around_number()?;
        let between = text.strip_prefix(&*before).and_then(|rest| rest.strip_suffix(&*after));
        Some(between.is_some_and(is_number))
    }

    /// Whether text with a number in it may begin so; `None` if this is no such text.
    pub(super) fn may_begin(&self, begin: &str) -> Option<bool> {
        let (before, after) = self.around_number()?;
        let Some(rest) = begin.strip_prefix(&*before) else { return Some(before.starts_with(begin)) };
        let behind = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        Some(behind.is_empty() || (behind.len() < rest.len() && after.starts_with(behind)))
    }

    /// Whether text with a number in it ends so: for certain, certainly not, or not known. `None` if this is no such text.
    pub(super) fn ends(&self, end: &str) -> Option<Option<bool>> {
        let (before, after) = self.around_number()?;
        if after.ends_with(end) {
            return Some(Some(true));
        }
        let Some(rest) = end.strip_suffix(&*after) else { return Some(Some(false)) };
        let ahead = rest.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let fits = ahead.is_empty() || (ahead.len() < rest.len() && before.ends_with(ahead));
        Some(if fits { None } else { Some(false) })
    }

    /// This value as far as it counts as false, for the left side of `&&`; as far as it counts as true for `||`.
    pub(super) fn restricted(&self, to: bool) -> Value {
        let Value::Unknown(unknown) = self else { return self.clone() };
        match &unknown.known {
            Known::OneOf(values) => {
                let kept = values.iter().filter(|value| value.truth() == Some(to)).cloned().collect();
                one_of(&unknown.source, kept)
            }
            Known::Text { .. } if !to => Value::text(""),
            Known::Text { prefix, .. } => Value::unknown_after(&*unknown.source, prefix.clone()),
            _ => Value::unknown(&*unknown.source, Known::Truth(to)),
        }
    }

    /// This or the other, which is not known.
    pub(super) fn or_else(self, other: Value, source: &str) -> Value {
        if self.is_same(&other) {
            return self;
        }
        if let (Some(mut all), Some(more)) = (self.candidates(), other.candidates()) {
            all.extend(more);
            return one_of(source, all);
        }
        let known = match (self.truth(), other.truth()) {
            (Some(one), Some(two)) if one == two => Known::Truth(one),
            _ => Known::Nothing,
        };
        Value::unknown(source, known)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One of these; that one if they are all the same.
pub(super) fn one_of(source: &str, values: Vec<Value>) -> Value {
    let mut distinct: Vec<Value> = Vec::new();
    for value in values {
        if !distinct.iter().any(|there| there.is_same(&value)) {
            distinct.push(value);
        }
    }
    match distinct.len() {
        1 => distinct.swap_remove(0),
        2..=MOST => Value::unknown(source, Known::OneOf(distinct)),
        _ => Value::unknown(source, Known::Nothing),
    }
}
