//! The values of GitHub's expressions, after `EvaluationResult.cs` and `ExpressionData` of actions/runner.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::number::number_text;
use super::text::{equal_ignoring_case, fold};

/// What an expression, or a scalar of a workflow file, is.
#[derive(Debug, Clone)]
pub enum Value {
    /// `null`, and what is absent.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// GitHub knows one kind of number.
    Number(f64),
    /// Text.
    String(Arc<str>),
    /// A list. It is equal to itself only, as in JavaScript.
    Array(Arc<Array>),
    /// A mapping. It is equal to itself only.
    Object(Arc<Object>),
    /// What is not known before the run, with what is known of it.
    Unknown(Arc<Unknown>),
}

/// A list, and whether an object filter (`*`) made it: those are searched through by the next index.
#[derive(Debug, Clone, Default)]
pub struct Array {
    /// Its items.
    pub items: Vec<Value>,
    /// Whether it comes from a filter.
    pub filtered: bool,
}

/// A mapping in the order of its file. Keys ignore case (`DictionaryExpressionData`).
#[derive(Debug, Clone, Default)]
pub struct Object {
    entries: Vec<(String, Value)>,
    /// The other keys, if there are more than are known.
    rest: Option<Rest>,
}

/// Keys of a mapping that are not known.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    /// Where they come from: `github.event`.
    pub(super) source: String,
    /// Whether their values are text.
    pub(super) is_text: bool,
}

/// A value that only the run will show.
#[derive(Debug, Clone)]
pub struct Unknown {
    /// Where it comes from, as a person finds it in the file: `needs.build.outputs.key`.
    pub source: String,
    /// What is known.
    pub known: Known,
    /// The text of the file that it stands for, where there is one.
    pub written: Option<String>,
}

/// What is known of an unknown value.
#[derive(Debug, Clone)]
pub enum Known {
    /// Nothing.
    Nothing,
    /// It is text that begins so.
    Text {
        /// The beginning; empty if that is not known.
        prefix: String,
        /// Whether it cannot be empty.
        never_empty: bool,
    },
    /// It is text: this, digits, and that. `refs/pull/7/merge` is.
    Numbered {
        /// What stands before the digits.
        before: String,
        /// What stands behind them.
        after: String,
    },
    /// It counts as true, or as false.
    Truth(bool),
    /// It is one of these.
    OneOf(Vec<Value>),
    /// It is a list.
    List,
}

impl Unknown {
    pub(super) fn truth(&self) -> Option<bool> {
        match &self.known {
            Known::Nothing => None,
            Known::Text { prefix, never_empty } => (*never_empty || !prefix.is_empty()).then_some(true),
            Known::Truth(truth) => Some(*truth),
            Known::Numbered { .. } => Some(true),
            Known::OneOf(values) => {
                let mut truths = values.iter().map(Value::truth);
                let first = truths.next()??;
                truths.all(|truth| truth == Some(first)).then_some(first)
            }
            Known::List => Some(true),
        }
    }

    pub(super) fn shown(&self) -> String {
        self.written.clone().unwrap_or_else(|| format!("${{{{ {} }}}}", self.source))
    }
}

impl Value {
    /// Text.
    pub fn text(text: &str) -> Value {
        Value::String(Arc::from(text))
    }

    /// An ordinary list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::Array(Arc::new(Array { items, filtered: false }))
    }

    /// What a filter found.
    pub(super) fn filtered(items: Vec<Value>) -> Value {
        Value::Array(Arc::new(Array { items, filtered: true }))
    }

    /// A mapping.
    pub fn object(object: Object) -> Value {
        Value::Object(Arc::new(object))
    }

    /// A mapping of these.
    pub fn mapping<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
        Value::object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// The mapping, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(object) = self { Some(object) } else { None }
    }

    /// The items, if it is a list.
    pub fn as_items(&self) -> Option<&[Value]> {
        if let Value::Array(array) = self { Some(&array.items) } else { None }
    }

    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// A mapping of these, and of more that is not known: what else is asked for comes from this source.
    pub fn open<'a>(source: &str, entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
        let mut object: Object = entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        object.rest = Some(Rest { source: source.to_owned(), is_text: false });
        Value::object(object)
    }

    /// The same where all that is not known is text, as variables, secrets and outputs are.
    pub fn open_text<'a>(source: &str, entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
        let mut object: Object = entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        object.rest = Some(Rest { source: source.to_owned(), is_text: true });
        Value::object(object)
    }

    /// The value of a key; null where this is no mapping or has no such key.
    pub fn get(&self, key: &str) -> Value {
        self.as_object().and_then(|object| object.get(key)).cloned().unwrap_or(Value::Null)
    }

    /// Whether there is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Whether it is null, a boolean, a number or text.
    pub(super) fn is_primitive(&self) -> bool {
        matches!(self, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_))
    }

    /// Whether it counts as true (`IsFalsy`); `None` where that is not known.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Value::Null => Some(false),
            Value::Bool(value) => Some(*value),
            Value::Number(number) => Some(*number != 0.0 && !number.is_nan()),
            Value::String(text) => Some(!text.is_empty()),
            Value::Array(_) | Value::Object(_) => Some(true),
            Value::Unknown(unknown) => unknown.truth(),
        }
    }

    /// As text (`ConvertToString`); what is unknown shows the expression that it comes from.
    pub fn to_text(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number_text(*number),
            Value::String(text) => text.to_string(),
            Value::Array(_) => "Array".to_owned(),
            Value::Object(_) => "Object".to_owned(),
            Value::Unknown(unknown) => unknown.shown(),
        }
    }

    /// What it, or a part of it, hangs on that is not known; `None` if all of it is known.
    pub fn hangs_on(&self) -> Option<&str> {
        match self {
            Value::Unknown(unknown) => Some(&unknown.source),
            Value::Array(array) => array.items.iter().find_map(Value::hangs_on),
            Value::Object(object) => object.values().find_map(Value::hangs_on),
            _ => None,
        }
    }

    /// Whether both are the same in kind and content: stricter than GitHub's `==`.
    pub(super) fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(one), Value::Bool(two)) => one == two,
            (Value::Number(one), Value::Number(two)) => one.to_bits() == two.to_bits(),
            (Value::String(one), Value::String(two)) => one == two,
            (Value::Array(one), Value::Array(two)) => Arc::ptr_eq(one, two),
            (Value::Object(one), Value::Object(two)) => Arc::ptr_eq(one, two),
            (Value::Unknown(one), Value::Unknown(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }
}

impl Object {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|(name, _)| equal_ignoring_case(name, key)).map(|(_, value)| value)
    }

    /// The keys that it has besides; `None` if it has no more.
    pub(super) fn rest(&self) -> Option<&Rest> {
        self.rest.as_ref()
    }

    /// Whether it has this key.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets a key. One that is there keeps its place and the way it is written.
    pub fn insert(&mut self, key: String, value: Value) {
        match self.entries.iter_mut().find(|(name, _)| equal_ignoring_case(name, &key)) {
            Some((_, there)) => *there = value,
            None => self.entries.push((key, value)),
        }
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The values in order.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl FromIterator<(String, Value)> for Object {
    fn from_iter<T: IntoIterator<Item = (String, Value)>>(entries: T) -> Object {
        let mut object = Object::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (key, value) in entries {
            match places.entry(fold(&key)) {
                Entry::Occupied(place) => object.entries[*place.get()].1 = value,
                Entry::Vacant(place) => {
                    place.insert(object.entries.len());
                    object.entries.push((key, value));
                }
            }
        }
        object
    }
}
