//! The functions, one by one, on known and on unknown values.

use github_actions_expressions::call::Function;

use super::compare::{loosely_equal, perhaps_equal};
use super::contexts::{Contexts, FileHashes};
use super::format::{Piece, pieces};
use super::from_json::from_json;
use super::json::to_json;
use super::parse::ExpressionError;
use super::text::fold;
use super::unknown::one_of;
use super::value::{Known, Value};

type Result<T> = std::result::Result<T, ExpressionError>;

/// As many combinations of what arguments may be are tried.
const MOST_COMBINATIONS: usize = 64;

/// Calls a function with evaluated arguments. `case`, which does not evaluate all of them, is the evaluator's.
pub(super) fn call(function: Function, arguments: &[Value], contexts: &Contexts) -> Result<Value> {
    match function {
        Function::Always => return Ok(Value::Bool(true)),
        Function::Cancelled => return Ok(Value::Bool(false)),
        Function::Success => {
            return Ok(contexts.status.as_ref().map_or(Value::Bool(true), |status| status.success.clone()));
        }
        Function::Failure => {
            return Ok(contexts.status.as_ref().map_or(Value::Bool(false), |status| status.failure.clone()));
        }
        Function::HashFiles => return Ok(hash_files(arguments, contexts)),
        _ => {}
    }
    match arguments.iter().find_map(Value::hangs_on) {
        None => on_known(function, arguments),
        Some(source) => {
            let source = source.to_owned();
            match combined(function, arguments, &source) {
                Some(value) => value,
                None => on_unknown(function, arguments, &source),
            }
        }
    }
}

fn hash_files(arguments: &[Value], contexts: &Contexts) -> Value {
    match &contexts.hash_files {
        Some(FileHashes::Of(files)) if arguments.iter().all(|argument| argument.hangs_on().is_none()) => {
            Value::text(&files.hash(&arguments.iter().map(Value::to_text).collect::<Vec<_>>()))
        }
        _ => Value::unknown_text("hashFiles()"),
    }
}

fn on_known(function: Function, arguments: &[Value]) -> Result<Value> {
    let (Some(first), second) = (arguments.first(), arguments.get(1).unwrap_or(&Value::Null)) else {
        return Ok(Value::Null);
    };
    let texts = || {
        (first.is_primitive() && second.is_primitive())
            .then(|| (fold(&first.to_text()), fold(&second.to_text())))
    };
    Ok(match function {
        Function::Contains => Value::Bool(contains(first, second)),
        Function::StartsWith => Value::Bool(texts().is_some_and(|(text, begin)| text.starts_with(&begin))),
        Function::EndsWith => Value::Bool(texts().is_some_and(|(text, end)| text.ends_with(&end))),
        Function::Format => Value::text(&format(first, &arguments[1..])?),
        Function::Join => Value::text(&join(first, arguments.get(1))),
        Function::ToJSON => Value::text(&to_json(first)),
        Function::FromJSON => from_json(&first.to_text())
            .map_err(|error| ExpressionError::Evaluation(format!("`fromJSON` cannot read this: {error}")))?,
        _ => Value::Null,
    })
}

/// Each combination of what the arguments may be, if those are few. A combination that cannot be evaluated does not come
/// about in a run that goes on.
fn combined(function: Function, arguments: &[Value], source: &str) -> Option<Result<Value>> {
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for argument in arguments {
        let possible = argument.candidates()?;
        if possible.iter().any(|value| value.hangs_on().is_some())
            || rows.len() * possible.len() > MOST_COMBINATIONS
        {
            return None;
        }
        let longer = |row: &Vec<Value>, value: &Value| [row.as_slice(), std::slice::from_ref(value)].concat();
        rows = rows.iter().flat_map(|row| possible.iter().map(move |value| longer(row, value))).collect();
    }
    let mut results = rows.iter().map(|row| on_known(function, row)).collect::<Vec<_>>();
    if results.iter().all(Result::is_err) {
        return results.pop();
    }
    Some(Ok(one_of(source, results.into_iter().flatten().collect())))
}

fn on_unknown(function: Function, arguments: &[Value], source: &str) -> Result<Value> {
    let (Some(first), second) = (arguments.first(), arguments.get(1).unwrap_or(&Value::Null)) else {
        return Ok(Value::Null);
    };
    Ok(match function {
        Function::Contains => perhaps_contains(first, second, source),
        Function::StartsWith => perhaps_starts_with(first, second, source),
        Function::EndsWith => perhaps_ends_with(first, second, source),
        Function::Format => perhaps_format(first, &arguments[1..], source)?,
        Function::Join => Value::unknown_text(source),
        Function::ToJSON => Value::unknown(source, Known::Text { prefix: String::new(), never_empty: true }),
        _ => Value::unknown(source, Known::Nothing),
    })
}

fn contains(searched: &Value, item: &Value) -> bool {
    match searched {
        Value::Array(array) => array.items.iter().any(|there| loosely_equal(item, there)),
        _ if searched.is_primitive() && item.is_primitive() => {
            fold(&searched.to_text()).contains(&fold(&item.to_text()))
        }
        _ => false,
    }
}

fn perhaps_contains(searched: &Value, item: &Value, source: &str) -> Value {
    let Value::Array(array) = searched else {
        let surely = searched.folded_prefix().zip(item.as_text());
        return match surely {
            Some((prefix, item)) if prefix.contains(&fold(item)) => Value::Bool(true),
            _ => Value::unknown_bool(source),
        };
    };
    let equal: Vec<Option<bool>> = array.items.iter().map(|there| perhaps_equal(item, there)).collect();
    if equal.contains(&Some(true)) {
        Value::Bool(true)
    } else if equal.contains(&None) {
        Value::unknown_bool(source)
    } else {
        Value::Bool(false)
    }
}

fn perhaps_starts_with(text: &Value, begin: &Value, source: &str) -> Value {
    let (Some(prefix), Some(begin)) = (text.folded_prefix(), begin.as_text().map(fold)) else {
        return Value::unknown_bool(source);
    };
    if prefix.starts_with(&begin) {
        Value::Bool(true)
    } else if text.may_begin(&begin).unwrap_or(begin.starts_with(&prefix)) {
        Value::unknown_bool(source)
    } else {
        Value::Bool(false)
    }
}

fn perhaps_ends_with(text: &Value, end: &Value, source: &str) -> Value {
    let known = end.as_text().and_then(|end| text.ends(&fold(end))).flatten();
    known.map_or_else(|| Value::unknown_bool(source), Value::Bool)
}

fn format(format: &Value, arguments: &[Value]) -> Result<String> {
    let format = format.to_text();
    let mut text = String::new();
    for piece in pieces(&format)? {
        match piece {
            Piece::Text(piece) => text.push_str(&piece),
            Piece::Argument(number) => text.push_str(&argument(&format, arguments, number)?.to_text()),
        }
    }
    Ok(text)
}

fn argument<'a>(format: &str, arguments: &'a [Value], number: usize) -> Result<&'a Value> {
    arguments.get(number).ok_or_else(|| {
        ExpressionError::Evaluation(format!("the format text has more places than arguments: `{format}`"))
    })
}

/// A format text of which some argument is not known: what stands before it is.
fn perhaps_format(format: &Value, arguments: &[Value], source: &str) -> Result<Value> {
    let Some(format) = format.as_text() else { return Ok(Value::unknown_text(source)) };
    let (mut prefix, mut never_empty, mut known) = (String::new(), false, true);
    for piece in pieces(format)? {
        let value = match piece {
            Piece::Text(text) => Value::text(&text),
            Piece::Argument(number) => argument(format, arguments, number)?.clone(),
        };
        never_empty |= value.truth() == Some(true);
        known = known && !matches!(value, Value::Unknown(_));
        if known {
            prefix.push_str(&value.to_text());
        }
    }
    Ok(Value::unknown(source, Known::Text { prefix, never_empty }))
}

fn join(items: &Value, separator: Option<&Value>) -> String {
    match items {
        Value::Array(array) => {
            let separator = match separator {
                Some(separator) if separator.is_primitive() => separator.to_text(),
                _ => ",".to_owned(),
            };
            array.items.iter().map(Value::to_text).collect::<Vec<_>>().join(&separator)
        }
        _ if items.is_primitive() => items.to_text(),
        _ => String::new(),
    }
}
