//! The typed inputs of a called workflow (`ConvertToWorkflowJobInputs`), and those of one that is started by hand.

use crate::matrix::expression::{Contexts, ExpressionError, Known, Object, Value, resolve_tree};
use crate::matrix::reading::WorkflowFile;

/// The inputs that a called workflow sees: what `with` gives, in the declared type, or else the default.
///
/// # Errors
/// What GitHub refuses: an input that is required and not given, one that does not exist, a value of the wrong type.
pub(super) fn called_inputs(
    callee: &WorkflowFile,
    with: &Value,
    contexts: &Contexts,
) -> Result<Value, String> {
    let declared = callee.on("workflow_call").unwrap_or(Value::Null).get("inputs");
    let said = |error: ExpressionError| error.to_string();
    let given = resolve_tree(with, contexts).map_err(said)?;
    let stray = given
        .as_object()
        .into_iter()
        .flat_map(Object::iter)
        .find(|(key, _)| declared.as_object().is_none_or(|declared| !declared.contains(key)));
    if let Some((key, _)) = stray {
        return Err(format!("the input `{key}` does not exist in `{}`", callee.path));
    }
    let mut inputs = Object::default();
    for (key, specification) in declared.as_object().into_iter().flat_map(Object::iter) {
        let kind = specification.get("type").to_text();
        let value = match given.as_object().and_then(|given| given.get(key)) {
            Some(value) => typed(key, &kind, value)?,
            None if specification.get("required").truth() == Some(true) => {
                return Err(format!("the input `{key}` is required and not given"));
            }
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

fn typed(key: &str, kind: &str, value: &Value) -> Result<Value, String> {
    let wrong = || Err(format!("the input `{key}` is no {kind}: `{}`", value.to_text()));
    match (kind, value) {
        (_, Value::Unknown(_)) => Ok(value.clone()),
        ("boolean", Value::Bool(_)) | ("number", Value::Number(_)) => Ok(value.clone()),
        ("boolean", Value::String(text)) => match &**text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => wrong(),
        },
        ("number", Value::String(text)) => text.trim().parse().map(Value::Number).or_else(|_| wrong()),
        ("boolean" | "number", Value::Null) => Ok(nothing(kind)),
        ("boolean" | "number", _) | (_, Value::Array(_) | Value::Object(_)) => wrong(),
        _ => Ok(Value::text(&value.to_text())),
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
            written => typed(key, &kind, &written).unwrap_or(written),
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
