//! What became of jobs that were run. The planner takes it in place of what it would assume.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::expression::Object;

/// Which job: the file that the event starts, the calls that lead to it, each by id and name, and its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct JobKey(Arc<[String]>);

/// What became of a job.
#[derive(Debug, Clone, Default)]
pub struct JobFact {
    /// Whether an entry of it failed that may not fail.
    pub failed: bool,
    /// Its outputs; `None` if they are not known, since not all of its entries were run.
    pub outputs: Option<Object>,
}

/// What is known of jobs that were run.
#[derive(Debug, Clone, Default)]
pub struct JobFacts(BTreeMap<JobKey, JobFact>);

impl JobKey {
    /// A job by its path. Ids ignore case.
    pub(super) fn of<'a>(
        workflow: &str,
        callers: impl Iterator<Item = (&'a str, &'a str)>,
        id: &str,
    ) -> JobKey {
        let callers = callers.flat_map(|(id, name)| [id.to_lowercase(), name.to_owned()]);
        JobKey([workflow.to_owned()].into_iter().chain(callers).chain([id.to_lowercase()]).collect())
    }

    /// The file that the event starts.
    pub fn workflow(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// The id of the job, in lower case.
    pub fn id(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// The path that is the job's own.
    pub fn path(&self) -> &[String] {
        &self.0
    }

    /// The paths of all jobs that this is, or is within.
    pub fn paths(&self) -> impl Iterator<Item = &[String]> {
        (1..=self.0.len()).map(|length| &self.0[..length])
    }

    /// Whether this is that job, or a job of the workflow that it calls.
    pub fn is_within(&self, other: &JobKey) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl From<Vec<String>> for JobKey {
    fn from(path: Vec<String>) -> JobKey {
        JobKey(path.into())
    }
}

impl From<JobKey> for Vec<String> {
    fn from(key: JobKey) -> Vec<String> {
        key.0.to_vec()
    }
}

impl JobFacts {
    /// Takes down what became of a job.
    pub fn insert(&mut self, key: JobKey, fact: JobFact) {
        self.0.insert(key, fact);
    }

    /// All that is known.
    pub fn iter(&self) -> impl Iterator<Item = (&JobKey, &JobFact)> {
        self.0.iter()
    }

    /// What became of a job: nothing, if it was not run.
    pub(super) fn of(&self, key: &JobKey) -> JobFact {
        // What is within a job stands behind it, and nothing else comes between.
        let mut within = self.0.range(key..).take_while(|(ran, _)| ran.is_within(key));
        let failed = within.any(|(_, fact)| fact.failed);
        JobFact { failed, outputs: self.0.get(key).and_then(|fact| fact.outputs.clone()) }
    }
}
