//! What the jobs of a file are planned with: everything that the file itself does not say.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::matrix::entry::Started;
use crate::matrix::expression::{Object, Value};
use crate::matrix::facts::{JobFacts, JobKey};
use crate::matrix::place::{ActionFiles, Capabilities, LocalActions};
use crate::matrix::reading::{FileProblem, WorkflowFile};

/// The files of a tree that planning reads.
pub struct Library<'a> {
    /// The workflow files, by path.
    pub workflows: BTreeMap<String, Result<WorkflowFile, FileProblem>>,
    /// Local actions.
    pub(super) actions: LocalActions<'a>,
}

impl<'a> Library<'a> {
    /// These workflow files, by path, and the local actions that they may use.
    pub fn of(
        workflows: BTreeMap<String, Result<WorkflowFile, FileProblem>>,
        actions: &'a dyn ActionFiles,
    ) -> Library<'a> {
        Library { workflows, actions: LocalActions::of(actions) }
    }
}

/// How the jobs of a file came to be planned.
#[derive(Clone)]
pub struct Frame<'a> {
    /// The file that the event starts.
    pub workflow: String,
    /// The jobs that called this file, outermost first.
    pub callers: Vec<Caller>,
    /// The jobs that the calling jobs need.
    pub after: Arc<[JobKey]>,
    /// The `github` context: the caller's, all the way down.
    pub github: Value,
    /// The `inputs` context.
    pub inputs: Value,
    /// Whether the calling job starts.
    pub gate: Gate,
    /// What the machine can do; `None` if only the entries are wanted.
    pub machine: Option<&'a Capabilities>,
    /// What became of jobs that were run.
    pub facts: &'a JobFacts,
}

/// A job that calls a workflow.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its matrix.
    pub matrix: Object,
    /// The file that it calls.
    pub calls: String,
}

/// What holds for every job of a file, whatever its own condition says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// Nothing.
    Open,
    /// It hangs on this.
    Perhaps(String),
    /// No condition is looked at and no call is followed: the file is shown as it is written.
    Written(Started),
}

impl Frame<'_> {
    /// The id of a job of this file as it is shown.
    pub(super) fn job_id(&self, id: &str) -> String {
        self.joined(|caller| &caller.id, id, "/")
    }

    /// The name of a job of this file as it is shown.
    pub(super) fn job_name(&self, name: &str) -> String {
        self.joined(|caller| &caller.name, name, " / ")
    }

    /// Which job of all this is.
    pub(super) fn job_key(&self, id: &str) -> JobKey {
        let callers = self.callers.iter().map(|caller| (caller.id.as_str(), caller.name.as_str()));
        JobKey::of(&self.workflow, callers, id)
    }

    fn joined(&self, part: impl Fn(&Caller) -> &String, last: &str, separator: &str) -> String {
        let callers = self.callers.iter().map(|caller| part(caller).as_str());
        callers.chain([last]).collect::<Vec<_>>().join(separator)
    }

    /// The matrices of the callers that have one, by the id of the caller.
    pub(super) fn caller_matrix(&self) -> Object {
        let with_matrix = self.callers.iter().filter(|caller| !caller.matrix.is_empty());
        with_matrix.map(|caller| (caller.id.clone(), Value::object(caller.matrix.clone()))).collect()
    }

    /// Whether the file is shown as it is written.
    pub(super) fn written(&self) -> Option<&Started> {
        if let Gate::Written(started) = &self.gate { Some(started) } else { None }
    }
}
