//! An entry as a line of JSON.

use super::entry::{CiEntry, Started};
use super::expression::{Object, Value, as_json};
use super::verdict::EntryVerdict;

/// The fields of a line, in their order.
#[derive(Debug, serde::Serialize)]
pub struct WrittenEntry {
    workflow: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    job: String,
    name: String,
    matrix: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller_matrix: Option<serde_json::Value>,
    runs_on: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runner_group: Option<String>,
    os: &'static str,
    verdict: EntryVerdict,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    if_verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    if_started: Option<EntryVerdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uses: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

impl WrittenEntry {
    /// The line of an entry.
    pub fn of(entry: &CiEntry) -> WrittenEntry {
        WrittenEntry {
            workflow: entry.workflow.clone(),
            source: entry.source.clone(),
            job: entry.job.clone(),
            name: entry.name.clone(),
            matrix: object(&entry.matrix),
            caller_matrix: (!entry.caller_matrix.is_empty()).then(|| object(&entry.caller_matrix)),
            runs_on: entry.runner.labels.clone(),
            runner_group: entry.runner.group.clone(),
            os: entry.runner.class().word(),
            verdict: entry.verdict(),
            reason: entry.reason(),
            if_verdict: if_verdict(&entry.started),
            if_started: if_started(entry),
            uses: entry.calls.clone(),
            line: entry.line,
        }
    }
}

fn object(object: &Object) -> serde_json::Value {
    as_json(&Value::object(object.clone()))
}

/// What the condition says where the verdict says something else.
fn if_verdict(started: &Started) -> Option<&'static str> {
    match started {
        Started::Dynamic { perhaps, .. } | Started::Remote { perhaps } => {
            Some(if perhaps.is_some() { "conditional" } else { "run" })
        }
        _ => None,
    }
}

/// Where a conditional entry would run if it starts.
fn if_started(entry: &CiEntry) -> Option<EntryVerdict> {
    match entry.started {
        Started::Perhaps(_) => entry.place.as_ref().map(super::place::Place::verdict),
        _ => None,
    }
}
