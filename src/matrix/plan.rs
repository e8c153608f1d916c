//! The whole plan: every workflow of a tree under one event.

use std::sync::Arc;

use super::entry::{CiEntry, Started};
use super::event::{CiEvent, EventKind};
use super::expression::{Object, Value};
use super::facts::JobFacts;
use super::github_context::github_context;
use super::jobs::{Frame, Gate, Library, dispatched_inputs, workflow_entries, written_inputs};
use super::place::Capabilities;
use super::reading::{FileProblem, TriggerAnswer, WorkflowFile, answer};

/// The entries of a tree under one event.
#[derive(Debug, Clone)]
pub struct CiPlan {
    /// The event.
    pub event: CiEvent,
    /// The workflows, by path.
    pub workflows: Vec<WorkflowPlan>,
}

/// The entries of one workflow.
#[derive(Debug, Clone)]
pub struct WorkflowPlan {
    /// The path of its file.
    pub path: String,
    /// Whether it starts on condition that changed files match its filter; it is taken that they do.
    pub paths_assumed: bool,
    /// Its entries.
    pub entries: Vec<CiEntry>,
}

impl CiPlan {
    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = &CiEntry> {
        self.workflows.iter().flat_map(|workflow| &workflow.entries)
    }

    /// How many entries start, or may.
    pub fn starting(&self) -> usize {
        self.entries().filter(|entry| entry.may_start()).count()
    }
}

/// Plans an event: all workflows of the library, or those that `wanted` lets through. Without a machine nothing is said
/// of where entries run.
pub fn plan_event(
    library: &Library<'_>,
    event: &CiEvent,
    machine: Option<&Capabilities>,
    wanted: &dyn Fn(&str) -> bool,
) -> CiPlan {
    plan_after(&JobFacts::default(), library, event, machine, wanted)
}

/// The same after jobs were run: their results and outputs count in place of what would be assumed.
pub fn plan_after(
    facts: &JobFacts,
    library: &Library<'_>,
    event: &CiEvent,
    machine: Option<&Capabilities>,
    wanted: &dyn Fn(&str) -> bool,
) -> CiPlan {
    let chosen = library.workflows.iter().filter(|(path, _)| wanted(path));
    let workflows = chosen.filter_map(|(path, file)| match file {
        Ok(file) => plan_workflow(file, event, (machine, facts), library),
        Err(problem) => Some(unreadable(path, problem)),
    });
    CiPlan { event: event.clone(), workflows: workflows.collect() }
}

/// `None` for a file that only others call: its jobs stand where it is called.
fn plan_workflow(
    file: &WorkflowFile,
    event: &CiEvent,
    (machine, facts): (Option<&Capabilities>, &JobFacts),
    library: &Library<'_>,
) -> Option<WorkflowPlan> {
    let (gate, paths_assumed) = match (event.kind, answer(file, event)) {
        (EventKind::All, _) => (Gate::Written(Started::Yes), false),
        (_, TriggerAnswer::Starts { paths_assumed, perhaps }) => {
            (perhaps.map_or(Gate::Open, Gate::Perhaps), paths_assumed)
        }
        (_, TriggerAnswer::Stays { .. }) if file.is_only_called() => return None,
        // What no event can start is refused on every push.
        (_, TriggerAnswer::Stays { .. }) if file.events().is_empty() => (Gate::Open, false),
        (_, TriggerAnswer::Stays { why }) => (Gate::Written(Started::NotTriggered(why)), false),
    };
    let (inputs, payload) = match (&gate, event.kind) {
        (Gate::Written(_), _) => (written_inputs(file), Value::Null),
        (_, EventKind::WorkflowDispatch) => dispatched_inputs(file),
        _ => (Value::object(Object::default()), Value::Null),
    };
    let frame = Frame {
        workflow: file.path.clone(),
        callers: Vec::new(),
        after: Arc::default(),
        github: github_context(event, &file.name(), &payload),
        inputs,
        gate,
        machine,
        facts,
    };
    Some(WorkflowPlan {
        path: file.path.clone(),
        paths_assumed,
        entries: workflow_entries(file, &frame, library),
    })
}

/// One line for a file that is no YAML: GitHub starts nothing of it.
fn unreadable(path: &str, problem: &FileProblem) -> WorkflowPlan {
    let entry = CiEntry::of_file(path, problem.line, Started::Invalid(problem.to_string()));
    WorkflowPlan { path: path.to_owned(), paths_assumed: false, entries: vec![entry] }
}
