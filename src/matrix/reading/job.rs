//! One job of a workflow file.

use crate::matrix::expression::Value;

/// A job as it is written.
#[derive(Debug, Clone, Copy)]
pub struct CiJob<'a> {
    /// Its key below `jobs`.
    pub id: &'a str,
    /// All that stands below it.
    pub body: &'a Value,
}

impl<'a> CiJob<'a> {
    /// The ids of the jobs that it needs: a list, or one by itself.
    pub fn needs(&self) -> Vec<String> {
        texts(&self.body.get("needs"))
    }

    /// The workflow that it calls, if it calls one.
    pub fn calls(&self) -> Option<String> {
        self.body.get("uses").as_text().map(|uses| uses.trim().to_owned())
    }

    /// Its `name`, if one is written.
    pub fn name(&self) -> Option<String> {
        let name = self.body.get("name");
        (!name.is_null()).then(|| name.to_text()).filter(|name| !name.is_empty())
    }

    /// Its steps.
    pub fn steps(&self) -> Vec<Value> {
        self.body.get("steps").as_items().map(<[Value]>::to_vec).unwrap_or_default()
    }

    /// The value of a key of it.
    pub fn key(&self, key: &str) -> Value {
        self.body.get(key)
    }
}

/// The texts of a list, or the one text by itself.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(array) => array.items.iter().map(Value::to_text).collect(),
        single => vec![single.to_text()],
    }
}
