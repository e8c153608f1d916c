//! One workflow file.

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
}

impl WorkflowFile {
    /// Reads it.
    ///
    /// # Errors
    /// [`FileProblem`] if it is no YAML.
    pub fn read(path: &str, text: &str) -> Result<WorkflowFile, FileProblem> {
        let root = read_yaml(path, text)?;
        Ok(WorkflowFile { path: path.to_owned(), text: text.to_owned(), root })
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

    /// Where the key of a job is: the key below `jobs:` that is indented as the first one there.
    fn job_start(&self, job: &str) -> Option<usize> {
        let jobs = if self.text.starts_with("jobs:") { 0 } else { self.text.find("\njobs:")? + 1 };
        let indentation = |line: &str| line.len() - line.trim_start().len();
        let says_something = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        let first = self.text[jobs..].lines().skip(1).find(says_something).map_or(0, indentation);
        let is_key = |line: &str| {
            if indentation(line) != first {
                return false;
            }
            let key = line.trim_start().trim_start_matches(['\'', '"']);
            let rest = key.strip_prefix(job).map(|rest| rest.trim_start_matches(['\'', '"']));
            line.starts_with([' ', '\t']) && rest.is_some_and(|rest| rest.starts_with(':'))
        };
        let mut at = jobs;
        for line in self.text[jobs..].split_inclusive('\n') {
            if is_key(line) {
                return Some(at + line.len() - line.trim_start().len());
            }
            at += line.len();
        }
        None
    }
}
