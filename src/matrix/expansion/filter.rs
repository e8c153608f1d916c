//! Whether an item of `include` or `exclude` fits a configuration: only the leaves that it names are compared, with
//! GitHub's loose `==`.

use crate::matrix::expression::{Value, loosely_equal};

/// Whether it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// All leaves are equal.
    Fits,
    /// Some leaf is not.
    Differs,
    /// It hangs on a value that is not known.
    Unknown,
}

/// Compares what the filter names with what the configuration has there.
pub(super) fn fit(filter: &Value, there: &Value) -> Fit {
    match filter {
        Value::Object(filter) => all(filter.iter().map(|(key, value)| fit(value, &there.get(key)))),
        Value::Array(filter) => {
            let at = |position: usize| there.as_items().and_then(|items| items.get(position)).cloned();
            all(filter
                .items
                .iter()
                .enumerate()
                .map(|(position, value)| fit(value, &at(position).unwrap_or(Value::Null))))
        }
        leaf => match (leaf, there) {
            (Value::Unknown(one), Value::Unknown(two))
                if one.written.is_some() && one.written == two.written =>
            {
                Fit::Fits
            }
            (Value::Unknown(_), _) | (_, Value::Unknown(_)) => Fit::Unknown,
            (leaf, there) if loosely_equal(leaf, there) => Fit::Fits,
            _ => Fit::Differs,
        },
    }
}

fn all(fits: impl Iterator<Item = Fit>) -> Fit {
    let mut answer = Fit::Fits;
    for fit in fits {
        match fit {
            Fit::Differs => return Fit::Differs,
            Fit::Unknown => answer = Fit::Unknown,
            Fit::Fits => {}
        }
    }
    answer
}
