//! Jobs that call a workflow: of this repository, to be expanded in turn; of another one, which is not read.

use std::sync::Arc;

use super::frame::{Caller, Frame, Gate, Library};
use super::inputs::called_inputs;
use crate::matrix::entry::Started;
use crate::matrix::expression::{Contexts, Object};
use crate::matrix::facts::JobKey;
use crate::matrix::reading::{CiJob, WorkflowFile};

/// Workflows may call each other to this depth, the first one included.
const DEEPEST: usize = 10;

/// What a call comes to.
pub(super) enum Call<'a> {
    /// A workflow of another repository.
    Remote,
    /// GitHub refuses it: why.
    Refused(String),
    /// This file, to be planned so.
    Local(&'a WorkflowFile, Box<Frame<'a>>),
}

/// A job that calls a workflow, in one configuration.
pub(super) struct CallingJob<'a> {
    pub(super) job: &'a CiJob<'a>,
    /// What it calls.
    pub(super) calls: &'a str,
    pub(super) name: &'a str,
    pub(super) matrix: &'a Object,
    pub(super) contexts: &'a Contexts,
    pub(super) started: &'a Started,
    /// The jobs that come before it.
    pub(super) after: Arc<[JobKey]>,
}

/// Follows a call.
pub(super) fn follow<'a>(calling: &CallingJob<'_>, frame: &Frame<'a>, library: &'a Library<'a>) -> Call<'a> {
    let Some(path) = local_path(calling.calls) else { return Call::Remote };
    let callers = frame.callers.iter().map(|caller| caller.calls.as_str());
    let within: Vec<&str> = std::iter::once(frame.workflow.as_str()).chain(callers).collect();
    let found = callee(path, &within, library).and_then(|callee| {
        let inputs = called_inputs(callee, &calling.job.key("with"), calling.contexts)?;
        Ok((callee, inputs))
    });
    let (callee, inputs) = match found {
        Ok(found) => found,
        Err(why) => return Call::Refused(why),
    };
    let (id, name) = (calling.job.id.to_owned(), calling.name.to_owned());
    let caller = Caller { id, name, matrix: calling.matrix.clone(), calls: path.to_owned() };
    let gate = match calling.started {
        Started::Perhaps(on) => Gate::Perhaps(on.clone()),
        _ => frame.gate.clone(),
    };
    let callers = frame.callers.iter().cloned().chain([caller]).collect();
    Call::Local(
        callee,
        Box::new(Frame { callers, after: calling.after.clone(), inputs, gate, ..frame.clone() }),
    )
}

/// The path of a called workflow of this repository.
pub(super) fn local_path(calls: &str) -> Option<&str> {
    calls.strip_prefix("./").or_else(|| calls.strip_prefix("$/"))
}

/// The called file. `within` are the files that led here, the one that the event starts first.
///
/// # Errors
/// Why GitHub refuses the call.
pub(super) fn callee<'a>(
    path: &str,
    within: &[&str],
    library: &'a Library<'a>,
) -> Result<&'a WorkflowFile, String> {
    if within.len() >= DEEPEST {
        return Err(format!("workflows call each other more than {DEEPEST} levels deep"));
    }
    if within.contains(&path) {
        return Err(format!("`{path}` is called by itself, in a loop"));
    }
    let file = library.workflows.get(path).ok_or_else(|| format!("`{path}` is not in this tree"))?;
    let file = file.as_ref().map_err(ToString::to_string)?;
    match file.on("workflow_call") {
        Some(_) => Ok(file),
        None => Err(format!("`{path}` cannot be called: its `on` lacks `workflow_call`")),
    }
}
