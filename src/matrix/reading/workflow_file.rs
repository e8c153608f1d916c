//! One workflow file.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::job::CiJob;
use super::problem::FileProblem;
use super::yaml::read_yaml;
use crate::matrix::expression::Value;

/// A workflow file that is YAML.
#[derive(Debug, Clone)]
pub struct WorkflowFile {
    /// Its path from the root of the tree.
    pub path: String,
    text: String,
    root: Value,
    job_starts: OnceLock<HashMap<String, usize>>,
}

impl WorkflowFile {
    /// Reads it.
    ///
    /// # Errors
    /// [`FileProblem`] if it is no YAML.
    pub fn read(path: &str, text: &str) -> Result<WorkflowFile, FileProblem> {
        let root = read_yaml(path, text)?;
        Ok(WorkflowFile { path: path.to_owned(), text: text.to_owned(), root, job_starts: OnceLock::new() })
    }

    /// Whether it is a mapping at the top: otherwise it says nothing, or no workflow.
    pub(super) fn is_mapping(&self) -> bool {
        self.root.as_object().is_some()
    }

    /// All of it.
    pub(super) fn root(&self) -> &Value {
        &self.root
    }

    /// The value of a key at the top.
    pub fn key(&self, key: &str) -> Value {
        self.root.get(key)
    }

    /// What GitHub shows as its name: `name`, or else its path.
    pub fn name(&self) -> String {
        match self.key("name") {
            Value::Null => self.path.clone(),
            name => name.to_text(),
        }
    }

    /// Its jobs in their order.
    pub fn jobs(&self) -> Vec<CiJob<'_>> {
        let jobs = self.root.as_object().and_then(|root| root.get("jobs")).and_then(Value::as_object);
        jobs.map(|jobs| jobs.iter().map(|(id, body)| CiJob { id, body }).collect()).unwrap_or_default()
    }

    /// What `on` says of an event: `None` if the file does not name the event, null if it names it and says no more.
    pub fn on(&self, event: &str) -> Option<Value> {
        match self.key("on") {
            Value::Object(events) => events.get(event).cloned(),
            Value::Array(events) => {
                events.items.iter().any(|named| named.as_text() == Some(event)).then_some(Value::Null)
            }
            Value::String(named) => (&*named == event).then_some(Value::Null),
            _ => None,
        }
    }

    /// The events that start it.
    pub fn events(&self) -> Vec<String> {
        match self.key("on") {
            Value::Object(events) => events.iter().map(|(event, _)| event.to_owned()).collect(),
            Value::Array(events) => events.items.iter().map(Value::to_text).collect(),
            Value::Null => Vec::new(),
            single => vec![single.to_text()],
        }
    }

    /// Whether other workflows call it and nothing else starts it.
    pub fn is_only_called(&self) -> bool {
        self.events() == ["workflow_call"]
    }

    /// A problem at a place: texts lead to it, each the first after the one before, from where the job begins. One that is
    /// not found is passed over.
    pub fn problem(&self, job: Option<&str>, near: &[String], message: String) -> FileProblem {
        let mut place = job.and_then(|job| self.job_start(job)).unwrap_or(0);
        let mut from = place;
        for text in near {
            let first_line = text.trim().lines().next().unwrap_or_default();
            if let Some(found) = self.text[from..].find(first_line).filter(|_| !first_line.is_empty()) {
                place = from + found;
                from = place + first_line.len();
            }
        }
        FileProblem::at_byte((&self.path, &self.text), place, message)
    }

    /// The line of a job.
    pub fn line_of(&self, job: &str) -> Option<usize> {
        let start = self.job_start(job)?;
        Some(self.text[..start].matches('\n').count() + 1)
    }

    /// Where the key of a job is.
    fn job_start(&self, job: &str) -> Option<usize> {
        self.job_starts.get_or_init(|| job_starts(&self.text)).get(job).copied()
    }
}

/// Where the keys of jobs are: those below `jobs:` that are indented as the first one there.
fn job_starts(text: &str) -> HashMap<String, usize> {
    let below = if text.starts_with("jobs:") { Some(0) } else { text.find("\njobs:").map(|at| at + 1) };
    let Some(jobs) = below else { return HashMap::new() };
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let says_something = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let first = text[jobs..].lines().skip(1).find(says_something).map_or(0, indentation);
    let mut starts = HashMap::new();
    let mut at = jobs;
    for line in text[jobs..].split_inclusive('\n') {
        let is_below = line.starts_with([' ', '\t']) && indentation(line) == first;
        if let Some(key) = key_of(line.trim_start()).filter(|_| is_below) {
            starts.entry(key.to_owned()).or_insert(at + first);
        }
        at += line.len();
    }
    starts
}

/// The key that a line begins with, without its quotes.
fn key_of(line: &str) -> Option<&str> {
    let quote = line.chars().next().filter(|first| ['\'', '"'].contains(first));
    match quote {
        Some(quote) => {
            line[1..].split_once(quote).filter(|(_, rest)| rest.starts_with(':')).map(|(key, _)| key)
        }
        None => line.split_once(':').map(|(key, _)| key),
    }
}
