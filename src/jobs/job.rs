//! One command on one tree in one environment, and what came of it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::command::TestCommand;
use super::result::TestResult;
use crate::ids::{Digest, TreeId};

/// Something to be run once. Two jobs that are equal have the same result, wherever they are run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The tree that is checked out for it.
    pub tree: TreeId,
    /// What is run, what it needs, and for how long at most.
    pub command: TestCommand,
    /// The digest of the environment that it starts from: its variables and the machine's kind. A digest, because a
    /// proxy's address may hold a password.
    pub environment: Digest,
}

/// What a job is known by: the digest of all of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(Digest);

/// A job that came to an end, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinishedJob {
    /// The job.
    pub job: Job,
    /// When it was submitted, by the clock of the world.
    pub submitted: Timestamp,
    /// How it ended.
    pub result: TestResult,
    /// Files of the tree that it did without, because this partial clone never got them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// Whether people know that it did not pass: then the next submission runs it again.
    #[serde(default)]
    pub reported: bool,
}

/// What is known of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobStatus {
    /// Nothing: it was never submitted, or was lost with the process that ran it.
    Absent,
    /// It runs, or waits for cores.
    Running,
    /// It came to an end, in this process or an earlier one.
    Finished(Box<FinishedJob>),
}

impl JobStatus {
    /// The result, if there is one that counts.
    #[must_use]
    pub fn settled(&self) -> Option<&FinishedJob> {
        match self {
            JobStatus::Finished(finished) if finished.counts() => Some(finished),
            JobStatus::Absent | JobStatus::Running | JobStatus::Finished(_) => None,
        }
    }
}

impl Job {
    /// What it is known by.
    #[must_use]
    pub fn id(&self) -> JobId {
        // Keys are in the order of the fields, and maps are sorted: equal jobs have equal texts.
        let text = serde_json::to_string(self).unwrap_or_else(|_| format!("{self:?}"));
        JobId(Digest::of(text))
    }
}

impl FinishedJob {
    /// Whether the result still counts: one that did not pass counts until people know of it.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.result.outcome.passed() || !self.reported
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(command: &str, tree: char, environment: &str) -> Job {
        Job {
            tree: tree.to_string().repeat(40).parse().unwrap(),
            command: toml::from_str(command).unwrap(),
            environment: Digest::of(environment),
        }
    }

    #[test]
    fn an_id_is_of_tree_command_and_environment() {
        let unit = "name = 'unit'\nrun = 'make test'";
        let id = job(unit, 'a', "linux").id();
        assert_eq!(job(unit, 'a', "linux").id(), id);
        let others = [
            job(unit, 'b', "linux"),
            job(unit, 'a', "macos"),
            job("name = 'unit'\nrun = 'make test2'", 'a', "linux"),
            job("name = 'unit'\nrun = 'make test'\nenv = { A = '1' }", 'a', "linux"),
            job("name = 'unit'\nrun = 'make test'\ntimeout = '1h'", 'a', "linux"),
        ];
        for other in others {
            assert_ne!(other.id(), id, "{other:?}");
        }
    }

    #[test]
    fn a_job_is_data() {
        let before = job("name = 'unit'\nrun = ['make', 'test']\nneeds = ['make']", 'a', "linux");
        let text = serde_json::to_string(&before).unwrap();
        let after: Job = serde_json::from_str(&text).unwrap();
        assert_eq!((after.id(), &after), (before.id(), &before));
    }
}
