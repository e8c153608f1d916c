//! Local actions: the steps of composite ones are read as if they stood in the job.

use super::capabilities::LocalActions;
use crate::matrix::expression::{Contexts, Object, Value, resolve_tree};

/// What a local action is.
pub(super) enum LocalAction {
    /// Steps, and the contexts that they see.
    Composite(Vec<Value>, Contexts),
    /// A program in JavaScript: what it is called.
    JavaScript(String),
    /// One that cannot be read as steps: why.
    Other(String),
}

/// Reads a local action that is used with these inputs.
pub(super) fn local_action(
    folder: &str,
    with: &Value,
    contexts: &Contexts,
    actions: &LocalActions<'_>,
) -> LocalAction {
    let clean = folder.trim_start_matches("./").trim_start_matches("$/").trim_end_matches('/');
    let action = match actions.get(clean) {
        Some(Ok(action)) => action,
        Some(Err(problem)) => return LocalAction::Other(format!("the local action `{folder}`: {problem}")),
        None => {
            return LocalAction::Other(format!("the local action `{folder}`, which is not in this tree"));
        }
    };
    let runs = action.get("runs");
    match runs.get("using").to_text().as_str() {
        "composite" => {
            let steps = runs.get("steps").as_items().map(<[Value]>::to_vec).unwrap_or_default();
            let inputs = action_inputs(&action.get("inputs"), with, contexts);
            LocalAction::Composite(steps, contexts.clone().with("inputs", inputs))
        }
        "docker" => LocalAction::Other(format!("the Docker action `{folder}`")),
        node if node.starts_with("node") => {
            LocalAction::JavaScript(format!("the action `{folder}` in `{node}`"))
        }
        using => LocalAction::Other(format!("the action `{folder}` in `{using}`")),
    }
}

/// What an action sees of its inputs: what `with` gives or else the default, all of it text.
pub fn action_inputs(declared: &Value, with: &Value, contexts: &Contexts) -> Value {
    let one = |(key, specification): (&str, &Value)| {
        let given = with.get(key);
        let default = || resolve_tree(&specification.get("default"), contexts).unwrap_or(Value::Null);
        let value = if given.is_null() { default() } else { given };
        let text = match value {
            Value::Unknown(_) => value,
            known => Value::text(&known.to_text()),
        };
        (key.to_owned(), text)
    };
    Value::object(declared.as_object().into_iter().flat_map(Object::iter).map(one).collect())
}
