//! The typed inputs of a called workflow (`ConvertToWorkflowJobInputs`), and those of one that is started by hand.

use crate::matrix::expression::{
    Contexts, ExpressionError, Known, Object, Unknown, Value, holds_expression, resolve_tree,
};
use crate::matrix::reading::WorkflowFile;

/// What GitHub refuses of the inputs of a call before anything starts: one that is required and not given, one that does
/// not exist, a written value of the wrong type.
pub(super) fn refused_inputs(callee: &WorkflowFile, with: &Value) -> Option<String> {
    let declared = callee.on("workflow_call").unwrap_or(Value::Null).get("inputs");
    let mut given = with.as_object().into_iter().flat_map(Object::iter);
    let is_declared = |key: &str| declared.as_object().is_some_and(|declared| declared.contains(key));
    if let Some((key, _)) = given.find(|(key, _)| !is_declared(key)) {
        return Some(format!("the input `{key}` does not exist in `{}`", callee.path));
    }
    let wrong = |(key, specification): (&str, &Value)| {
        let kind = specification.get("type").to_text();
        let literal = |value: &Value| (!holds_expression(value)).then(|| typed(key, &kind, value).err());
        let default = specification.get("default");
        let by_default = (!default.is_null()).then(|| literal(&default)).flatten().flatten();
        let required = specification.get("required").truth() == Some(true);
        by_default.or_else(|| match with.as_object().and_then(|with| with.get(key)) {
            Some(value) => literal(value).flatten(),
            None => required.then(|| format!("the input `{key}` is required and not given")),
        })
    };
    declared.as_object().into_iter().flat_map(Object::iter).find_map(wrong)
}

/// The inputs that a called workflow sees: what `with` gives, in the declared type, or else the default.
///
/// # Errors
/// A value of the wrong type, with which the call fails when it starts.
pub(super) fn called_inputs(
    callee: &WorkflowFile,
    with: &Value,
    contexts: &Contexts,
) -> Result<Value, String> {
    let declared = callee.on("workflow_call").unwrap_or(Value::Null).get("inputs");
    let said = |error: ExpressionError| error.to_string();
    let given = resolve_tree(with, contexts).map_err(said)?;
    let mut inputs = Object::default();
    for (key, specification) in declared.as_object().into_iter().flat_map(Object::iter) {
        let kind = specification.get("type").to_text();
        let value = match given.as_object().and_then(|given| given.get(key)) {
            Some(value) => typed(key, &kind, value)?,
            None => default(key, &kind, &specification.get("default"), contexts)?,
        };
        inputs.insert(key.to_owned(), value);
    }
    Ok(Value::object(inputs))
}

fn default(key: &str, kind: &str, written: &Value, contexts: &Contexts) -> Result<Value, String> {
    match written {
        Value::Null => Ok(nothing(kind)),
        written => typed(key, kind, &resolve_tree(written, contexts).map_err(|error| error.to_string())?),
    }
}

fn nothing(kind: &str) -> Value {
    match kind {
        "boolean" => Value::Bool(false),
        "number" => Value::Number(0.0),
        _ => Value::text(""),
    }
}

/// A boolean is `true` or `false` and a number a number, never text that looks like one; what is to be text may be any
/// scalar (`ConvertToInputValueDefinedType`).
fn typed(key: &str, kind: &str, value: &Value) -> Result<Value, String> {
    let is_text = |unknown: &Unknown| matches!(unknown.known, Known::Text { .. } | Known::Numbered { .. });
    match (kind, value) {
        ("boolean", Value::Bool(_)) | ("number", Value::Number(_)) => Ok(value.clone()),
        (_, Value::Unknown(unknown)) if !(["boolean", "number"].contains(&kind) && is_text(unknown)) => {
            Ok(value.clone())
        }
        ("boolean" | "number", Value::Null) => Err(format!("the input `{key}` is no {kind}: it is null")),
        ("boolean" | "number", Value::String(text)) => {
            Err(format!("the input `{key}` is no {kind}: `{text}` is text"))
        }
        ("boolean" | "number", _) | (_, Value::Array(_) | Value::Object(_)) => {
            Err(format!("the input `{key}` is no {kind}: `{}`", value.to_text()))
        }
        _ => Ok(Value::text(&value.to_text())),
    }
}

/// What a form gives for a written default: there, text is read as the type that is declared.
fn of_form(kind: &str, written: Value) -> Value {
    match (kind, written.as_text()) {
        ("boolean", Some("true")) => Value::Bool(true),
        ("boolean", Some("false")) => Value::Bool(false),
        ("number", Some(text)) => text.trim().parse().map_or(written.clone(), Value::Number),
        ("boolean" | "number", _) => written,
        _ if written.as_items().is_some() || written.as_object().is_some() => written,
        _ => Value::text(&written.to_text()),
    }
}

/// The inputs of a workflow that is started by hand without giving any: `inputs` with their types, and as the payload has
/// them, all text.
pub fn dispatched_inputs(file: &WorkflowFile) -> (Value, Value) {
    let declared = file.on("workflow_dispatch").unwrap_or(Value::Null).get("inputs");
    let mut inputs = Object::default();
    for (key, specification) in declared.as_object().into_iter().flat_map(Object::iter) {
        let kind = specification.get("type").to_text();
        let first_choice =
            || specification.get("options").as_items().and_then(|options| options.first().cloned());
        let value = match specification.get("default") {
            Value::Null if kind == "choice" => first_choice().unwrap_or(Value::Null),
            Value::Null => nothing(&kind),
            written => of_form(&kind, written),
        };
        inputs.insert(key.to_owned(), value);
    }
    let as_text = |(key, value): (&str, &Value)| (key.to_owned(), Value::text(&value.to_text()));
    let payload = inputs.iter().map(as_text).collect();
    (Value::object(inputs), Value::object(payload))
}

/// The inputs of a file that is shown as it is written: none is known, of each its type is.
pub fn written_inputs(file: &WorkflowFile) -> Value {
    let mut inputs = Object::default();
    for event in ["workflow_call", "workflow_dispatch"] {
        let declared = file.on(event).unwrap_or(Value::Null).get("inputs");
        for (key, specification) in declared.as_object().into_iter().flat_map(Object::iter) {
            let source = format!("inputs.{key}");
            let value = match specification.get("type").to_text().as_str() {
                "boolean" => Value::unknown_bool(source),
                "number" => Value::unknown(source, Known::Nothing),
                _ => Value::unknown_text(source),
            };
            inputs.insert(key.to_owned(), value);
        }
    }
    Value::object(inputs)
}
