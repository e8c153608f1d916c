//! What GitHub refuses of calls before anything starts (`ReusableWorkflowsLoader.cs`, `ValidateWorkflowJobTrigger`). A file
//! with such a call starts nothing, and the condition of the call is no excuse.

use super::called::{callee, local_path};
use super::frame::Library;
use super::inputs::refused_inputs;
use crate::matrix::expression::{Object, Value};
use crate::matrix::reading::{CiJob, Refusal, WorkflowFile, refusal};

/// The first reason to refuse a file for what it calls, and for what that calls in turn.
pub(super) fn refused_call(file: &WorkflowFile, library: &Library<'_>) -> Option<Refusal> {
    in_calls(file, &[&file.path], library)
}

fn in_calls(file: &WorkflowFile, within: &[&str], library: &Library<'_>) -> Option<Refusal> {
    file.jobs().iter().find_map(|job| {
        let calls = job.calls()?;
        let message = in_call(job, local_path(&calls)?, within, library)?;
        Some(Refusal { job: Some(job.id.to_owned()), near: vec!["uses".to_owned()], message })
    })
}

fn in_call(job: &CiJob<'_>, path: &str, within: &[&str], library: &Library<'_>) -> Option<String> {
    let callee = match callee(path, within, library) {
        Ok(callee) => callee,
        Err(why) => return Some(why),
    };
    let placed =
        |refused: Refusal| callee.problem(refused.job.as_deref(), &refused.near, refused.message).to_string();
    let deeper = || in_calls(callee, &[within, &[path]].concat(), library);
    refusal(callee)
        .map(placed)
        .or_else(|| refused_inputs(callee, &job.key("with")))
        .or_else(|| refused_secrets(callee, &job.key("secrets")))
        .or_else(|| deeper().map(placed))
}

/// A secret that the callee requires and is not handed, or one that it does not know. With `inherit` nothing is looked at.
fn refused_secrets(callee: &WorkflowFile, given: &Value) -> Option<String> {
    if given.as_text() == Some("inherit") {
        return None;
    }
    let declared = callee.on("workflow_call").unwrap_or(Value::Null).get("secrets");
    let has = |secrets: &Value, name: &str| secrets.as_object().is_some_and(|all| all.contains(name));
    let is_missing =
        |(name, secret): &(&str, &Value)| secret.get("required").truth() == Some(true) && !has(given, name);
    let missing = declared.as_object().into_iter().flat_map(Object::iter).find(is_missing);
    let stray = || {
        let mut given = given.as_object().into_iter().flat_map(Object::iter);
        given.find(|(name, _)| !has(&declared, name))
    };
    missing.map(|(name, _)| format!("the secret `{name}` is required and not handed on")).or_else(|| {
        stray().map(|(name, _)| format!("the secret `{name}` does not exist in `{}`", callee.path))
    })
}
