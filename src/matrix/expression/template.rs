//! Texts with `${{ }}` in them (`TemplateReader.ParseScalar`, `TemplateEvaluator`).

use super::contexts::Contexts;
use super::evaluate::evaluate;
use super::parse::ExpressionError;
use super::value::{Known, Object, Value};

const OPEN: &str = "${{";

/// A part of a text.
enum Part<'a> {
    Literal(&'a str),
    Expression(&'a str),
}

/// Takes a text apart. An expression ends at the first `}}` outside of a string of its own.
fn parts(text: &str) -> Result<Vec<Part<'_>>, ExpressionError> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        let inner = &rest[at + OPEN.len()..];
        let end = expression_end(inner).ok_or_else(|| ExpressionError::Syntax {
            message: "`${{` without `}}`".to_owned(),
            expression: text.trim().to_owned(),
        })?;
        found.push(Part::Literal(&rest[..at]));
        found.push(Part::Expression(&inner[..end]));
        rest = &inner[end + 2..];
    }
    found.push(Part::Literal(rest));
    found.retain(|part| !matches!(part, Part::Literal("")));
    Ok(found)
}

fn expression_end(text: &str) -> Option<usize> {
    let mut in_string = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '\'' => in_string = !in_string,
            '}' if !in_string && text[at..].starts_with("}}") => return Some(at),
            _ => {}
        }
    }
    None
}

/// Whether a text holds an expression.
pub fn has_expression(text: &str) -> bool {
    text.contains(OPEN)
}

/// Whether there is an expression anywhere in it.
pub fn holds_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => has_expression(text),
        Value::Array(array) => array.items.iter().any(holds_expression),
        Value::Object(object) => {
            object.iter().any(|(key, value)| has_expression(key) || holds_expression(value))
        }
        _ => false,
    }
}

/// The expressions that a text holds, without their marks.
///
/// # Errors
/// [`ExpressionError::Syntax`] for one without an end.
pub fn expressions_of(text: &str) -> Result<Vec<&str>, ExpressionError> {
    let expressions = parts(text)?.into_iter().filter_map(|part| match part {
        Part::Expression(expression) => Some(expression),
        Part::Literal(_) => None,
    });
    Ok(expressions.collect())
}

/// The text with something else in place of each expression and its marks.
pub(super) fn with_expressions<E: From<ExpressionError>>(
    text: &str,
    mut replaced: impl FnMut(&str) -> Result<String, E>,
) -> Result<String, E> {
    let mut whole = String::new();
    for part in parts(text)? {
        match part {
            Part::Literal(text) => whole.push_str(text),
            Part::Expression(expression) => whole.push_str(&replaced(expression)?),
        }
    }
    Ok(whole)
}

/// The value of a text: that of its expression if it is nothing else, otherwise text.
///
/// # Errors
/// [`ExpressionError`] where GitHub refuses an expression or fails.
pub fn resolve(text: &str, contexts: &Contexts) -> Result<Value, ExpressionError> {
    if !has_expression(text) {
        return Ok(Value::text(text));
    }
    match parts(text)?.as_slice() {
        [Part::Expression(expression)] => Ok(evaluate(expression, contexts)?.written_as(text)),
        several => joined(text, several, contexts),
    }
}

fn joined(text: &str, parts: &[Part<'_>], contexts: &Contexts) -> Result<Value, ExpressionError> {
    let (mut whole, mut never_empty, mut source) = (String::new(), false, None);
    for part in parts {
        let value = match part {
            Part::Literal(text) => Value::text(text),
            Part::Expression(expression) => evaluate(expression, contexts)?,
        };
        never_empty |= value.truth() == Some(true);
        match (&value, &source) {
            (Value::Unknown(unknown), None) => source = Some(unknown.source.clone()),
            (known, None) => whole.push_str(&known.to_text()),
            (_, Some(_)) => {}
        }
    }
    Ok(match source {
        None => Value::text(&whole),
        Some(source) => Value::unknown(source, Known::Text { prefix: whole, never_empty }).written_as(text),
    })
}

/// A tree with all of its expressions evaluated. In a list, an expression that gives a list is spliced in.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_tree(value: &Value, contexts: &Contexts) -> Result<Value, ExpressionError> {
    match value {
        Value::String(text) => resolve(text, contexts),
        Value::Array(array) => {
            let mut items = Vec::new();
            for item in &array.items {
                match (resolve_tree(item, contexts)?, item) {
                    (Value::Array(spliced), Value::String(_)) => items.extend(spliced.items.iter().cloned()),
                    (resolved, _) => items.push(resolved),
                }
            }
            Ok(Value::list(items))
        }
        Value::Object(object) => {
            let mut resolved = Object::default();
            for (key, value) in object.iter() {
                let key = resolve(key, contexts)?.to_text();
                resolved.insert(key, resolve_tree(value, contexts)?);
            }
            Ok(Value::object(resolved))
        }
        other => Ok(other.clone()),
    }
}

/// The expression of an `if:` (`ConvertToIfCondition`). A text that is more than one expression is turned into text, and
/// text counts as true: `${{ a }} && b` holds whatever `a` and `b` are.
///
/// # Errors
/// [`ExpressionError::Syntax`] for an expression without an end.
pub fn condition_text(text: &str) -> Result<String, ExpressionError> {
    if !has_expression(text) {
        return Ok(text.to_owned());
    }
    Ok(match parts(text)?.as_slice() {
        [Part::Expression(expression)] => (*expression).to_owned(),
        several => {
            let (mut format, mut arguments) = (String::new(), String::new());
            let mut count = 0;
            for part in several {
                match part {
                    Part::Literal(text) => {
                        format += &text.replace('{', "{{").replace('}', "}}").replace('\'', "''")
                    }
                    Part::Expression(expression) => {
                        format += &format!("{{{count}}}");
                        arguments += &format!(", {expression}");
                        count += 1;
                    }
                }
            }
            format!("format('{format}'{arguments})")
        }
    })
}
