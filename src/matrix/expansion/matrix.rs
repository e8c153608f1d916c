//! The product of the vectors, `exclude`, and both forms of `include`.

use super::filter::{Fit, fit};
use crate::matrix::expression::{Known, Object, Value};

/// One configuration of a matrix.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Its values, those of `include` after those of the vectors.
    pub matrix: Object,
    /// How many of the first values the name shows: what `include` adds to a configuration is not shown.
    pub shown: usize,
}

/// What becomes of a matrix.
#[derive(Debug, Clone)]
pub enum MatrixAnswer {
    /// These configurations.
    Configurations(Vec<Configuration>),
    /// These for certain; whether there are more hangs on this, which is not known.
    AtLeast(Vec<Configuration>, String),
    /// How many there are hangs on this, which is not known.
    Dynamic(String),
    /// GitHub refuses it.
    Invalid(String),
}

/// GitHub starts no more than this many for a job.
const MOST: usize = 256;

/// What is known, or why the matrix cannot be expanded.
type Settled<T> = Result<T, MatrixAnswer>;

/// Expands a matrix of which the expressions are evaluated.
pub fn expand(matrix: &Value) -> MatrixAnswer {
    match configurations(matrix) {
        Ok((all, _)) if all.len() > MOST => {
            MatrixAnswer::Invalid(format!("the matrix has {} entries, more than {MOST}", all.len()))
        }
        Ok((all, None)) => MatrixAnswer::Configurations(all),
        Ok((all, Some(on))) => MatrixAnswer::AtLeast(all, on),
        Err(answer) => answer,
    }
}

/// The configurations that there are for certain, and what it hangs on whether there are more.
fn configurations(matrix: &Value) -> Settled<(Vec<Configuration>, Option<String>)> {
    if let Value::Unknown(unknown) = matrix {
        return Err(MatrixAnswer::Dynamic(unknown.source.clone()));
    }
    let keys =
        matrix.as_object().ok_or_else(|| MatrixAnswer::Invalid("the matrix is no mapping".to_owned()))?;
    let vectors = keys.iter().filter(|(key, _)| !is_filter(key)).map(|(key, value)| {
        let items = list(value, &format!("the matrix vector `{key}`"))?;
        if items.is_empty() {
            return Err(MatrixAnswer::Invalid(format!("the matrix vector `{key}` has no values")));
        }
        Ok((key, items))
    });
    let vectors = vectors.collect::<Settled<Vec<_>>>()?;
    let exclude = filters(keys, "exclude")?;
    let include = filters(keys, "include")?;
    if vectors.is_empty() && include.is_empty() {
        return Err(MatrixAnswer::Invalid("the matrix has no vector and includes nothing".to_owned()));
    }
    check_exclude(&exclude, &vectors)?;
    let kept = without(product(&vectors)?, &exclude)?;
    Ok(included(kept, &include, &vectors))
}

fn is_filter(key: &str) -> bool {
    key == "include" || key == "exclude"
}

/// The items of a list that is known, and of which each item is one value.
fn list(value: &Value, what: &str) -> Settled<Vec<Value>> {
    let items = match value {
        Value::Unknown(unknown) => return Err(MatrixAnswer::Dynamic(unknown.source.clone())),
        Value::Array(array) => &array.items,
        _ => return Err(MatrixAnswer::Invalid(format!("{what} is no list"))),
    };
    // An item that is an expression is spliced in if it gives a list: text, as all outputs are, is one item.
    match items.iter().find(|item| may_be_list(item)).and_then(Value::hangs_on) {
        Some(source) => Err(MatrixAnswer::Dynamic(source.to_owned())),
        None => Ok(items.clone()),
    }
}

/// Whether a value that is not known may be a list.
fn may_be_list(item: &Value) -> bool {
    let Value::Unknown(unknown) = item else { return false };
    match &unknown.known {
        Known::Nothing | Known::Truth(true) | Known::List => true,
        Known::OneOf(values) => values.iter().any(|value| value.as_items().is_some() || may_be_list(value)),
        Known::Text { .. } | Known::Numbered { .. } | Known::Truth(false) => false,
    }
}

fn filters(matrix: &Object, key: &str) -> Settled<Vec<Object>> {
    let Some(value) = matrix.get(key).filter(|value| !value.is_null()) else { return Ok(Vec::new()) };
    let items = list(value, &format!("`{key}` of the matrix"))?;
    let mapping = |item: &Value| match item {
        Value::Object(object) if !object.is_empty() => Ok((**object).clone()),
        _ => Err(MatrixAnswer::Invalid(format!("an item of `{key}` of the matrix has no values"))),
    };
    items.iter().map(mapping).collect()
}

fn check_exclude(exclude: &[Object], vectors: &[(&str, Vec<Value>)]) -> Settled<()> {
    let names: Object = vectors.iter().map(|(key, _)| ((*key).to_owned(), Value::Null)).collect();
    let stray = exclude.iter().flat_map(Object::iter).find(|(key, _)| !names.contains(key));
    stray.map_or(Ok(()), |(key, _)| {
        Err(MatrixAnswer::Invalid(format!("`exclude` names `{key}`, which is no vector of the matrix")))
    })
}

/// The last vector turns fastest.
fn product(vectors: &[(&str, Vec<Value>)]) -> Settled<Vec<Object>> {
    // Before `exclude` there may be more than are started, but not without bound.
    const MOST_BEFORE: usize = 65_536;
    if vectors.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = vec![Object::default()];
    for (key, values) in vectors {
        if rows.len().saturating_mul(values.len()) > MOST_BEFORE {
            return Err(MatrixAnswer::Invalid(format!("the matrix has more than {MOST} entries")));
        }
        let with = |row: &Object, value: &Value| {
            let mut row = row.clone();
            row.insert((*key).to_owned(), value.clone());
            row
        };
        rows = rows.iter().flat_map(|row| values.iter().map(move |value| with(row, value))).collect();
    }
    Ok(rows)
}

fn without(rows: Vec<Object>, exclude: &[Object]) -> Settled<Vec<Object>> {
    let mut kept = Vec::new();
    for row in rows {
        let value = Value::object(row.clone());
        let fits: Vec<Fit> =
            exclude.iter().map(|filter| fit(&Value::object(filter.clone()), &value)).collect();
        if fits.contains(&Fit::Fits) {
            continue;
        }
        if let Some(at) = fits.iter().position(|fit| *fit == Fit::Unknown) {
            return Err(dynamic(&exclude[at], &value));
        }
        kept.push(row);
    }
    Ok(kept)
}

/// What is not known of a filter and a configuration.
fn dynamic(filter: &Object, configuration: &Value) -> MatrixAnswer {
    let source = filter.values().find_map(Value::hangs_on).or_else(|| configuration.hangs_on());
    MatrixAnswer::Dynamic(source.unwrap_or_default().to_owned())
}

/// An item of `include`, split into what must fit and what it adds.
struct Included {
    filter: Value,
    extra: Object,
    /// How it fits each configuration of the product.
    fits: Vec<Fit>,
}

impl Included {
    fn of(item: &Object, names: &Object, rows: &[Object]) -> Included {
        let entries = || item.iter().map(|(key, value)| (key.to_owned(), value.clone()));
        let filter = Value::object(entries().filter(|(key, _)| names.contains(key)).collect());
        let extra = entries().filter(|(key, _)| !names.contains(key)).collect();
        let fits = rows.iter().map(|row| fit(&filter, &Value::object(row.clone()))).collect();
        Included { filter, extra, fits }
    }

    /// What it adds to a configuration; where it is not known whether it fits, values that are not known.
    fn add_to(&self, matrix: &mut Object, row: usize) {
        for (key, value) in self.extra.iter() {
            match self.fits.get(row) {
                Some(Fit::Fits) => matrix.insert(key.to_owned(), value.clone()),
                Some(Fit::Unknown) => {
                    matrix.insert(key.to_owned(), Value::unknown(format!("matrix.{key}"), Known::Nothing));
                }
                _ => {}
            }
        }
    }

    /// What it hangs on whether it fits.
    fn hangs_on(&self, rows: &[Object]) -> String {
        let own = self.filter.hangs_on();
        let of_row = || {
            let at = self.fits.iter().position(|fit| *fit == Fit::Unknown)?;
            rows.get(at)?.values().find_map(Value::hangs_on)
        };
        own.or_else(of_row).unwrap_or_default().to_owned()
    }

    /// The configuration of its own that it becomes if it fits none.
    fn alone(&self) -> Configuration {
        let mut matrix = self.filter.as_object().cloned().unwrap_or_default();
        self.extra.iter().for_each(|(key, value)| matrix.insert(key.to_owned(), value.clone()));
        Configuration { shown: matrix.len(), matrix }
    }
}

fn included(
    rows: Vec<Object>,
    include: &[Object],
    vectors: &[(&str, Vec<Value>)],
) -> (Vec<Configuration>, Option<String>) {
    let names: Object = vectors.iter().map(|(key, _)| ((*key).to_owned(), Value::Null)).collect();
    let items: Vec<Included> = include.iter().map(|item| Included::of(item, &names, &rows)).collect();
    // Whether such an item becomes an entry of its own, or adds to others, hangs on what is not known.
    let is_open = |item: &&Included| !item.fits.contains(&Fit::Fits) && item.fits.contains(&Fit::Unknown);
    let open = items.iter().find(is_open).map(|item| item.hangs_on(&rows));
    let extended = rows.into_iter().enumerate().map(|(at, mut matrix)| {
        let shown = matrix.len();
        items.iter().for_each(|item| item.add_to(&mut matrix, at));
        Configuration { matrix, shown }
    });
    let stray = items.iter().filter(|item| item.fits.iter().all(|fit| *fit == Fit::Differs));
    (extended.chain(stray.map(Included::alone)).collect(), open)
}
