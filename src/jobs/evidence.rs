//! A test result is evidence for one tree, and for no other.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::executor::Executor;
use super::isolation::Isolation;
use super::job::{FinishedJob, JobStatus};
use super::result::TestResult;
use crate::ids::TreeId;

/// What the suites said about one tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestEvidence {
    /// The tree that was checked out.
    pub tree: TreeId,
    /// When the first command was started, by the clock of the world.
    pub started: Timestamp,
    /// The machine.
    pub host: Host,
    /// One result a command, in the order of the catalog.
    pub results: Vec<TestResult>,
    /// Files of the tree that the suites did without, because this partial clone never got them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
}

/// The machine that evidence was obtained on: enough to judge it, not enough to find the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// The operating system, as Rust names it: `linux`.
    pub os: String,
    /// The architecture, as Rust names it: `x86_64`.
    pub architecture: String,
    /// How many cores it has.
    pub cores: u32,
}

impl Host {
    /// The machine that this runs on.
    #[must_use]
    pub fn this_machine() -> Host {
        Host {
            os: std::env::consts::OS.into(),
            architecture: std::env::consts::ARCH.into(),
            cores: Executor::machine_cores(),
        }
    }
}

impl TestEvidence {
    /// What these jobs say of the tree; `None` unless each of them has ended.
    #[must_use]
    pub fn of(tree: &TreeId, now: Timestamp, jobs: &[JobStatus]) -> Option<TestEvidence> {
        let finished = jobs.iter().map(|job| match job {
            JobStatus::Finished(finished) => Some(finished.as_ref()),
            JobStatus::Absent | JobStatus::Running => None,
        });
        let finished: Vec<&FinishedJob> = finished.collect::<Option<_>>()?;
        let absent: BTreeSet<&String> = finished.iter().flat_map(|job| &job.absent).collect();
        Some(TestEvidence {
            tree: tree.clone(),
            started: finished.iter().map(|job| job.submitted).min().unwrap_or(now),
            host: Host::this_machine(),
            absent: absent.into_iter().cloned().collect(),
            results: finished.iter().map(|job| job.result.clone()).collect(),
        })
    }

    /// Whether every suite passed. Evidence without a suite proves nothing and is not green: a target without
    /// tests is for people to decide, not for a default.
    #[must_use]
    pub fn green(&self) -> bool {
        !self.results.is_empty() && self.results.iter().all(|result| result.outcome.passed())
    }

    /// How far the suite was kept from this machine that was kept from it the least; nothing if it is not known.
    #[must_use]
    pub fn least_isolation(&self) -> Option<&Isolation> {
        let known = || self.results.iter().filter_map(|result| result.isolation.as_ref());
        known().find(|isolation| !isolation.is_whole()).or(known().next())
    }

    /// The suites that did not pass.
    pub fn failures(&self) -> impl Iterator<Item = &TestResult> {
        self.results.iter().filter(|result| !result.outcome.passed())
    }
}

impl fmt::Display for TestEvidence {
    /// What the ready gate shows: one line if green, else each failing suite with the end of its log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.results.len();
        let tree = self.tree.short();
        if all == 0 {
            return write!(f, "no suite was run on tree {tree}");
        }
        write!(f, "{} of {all} suites passed on tree {tree}", all - self.failures().count())?;
        if !self.absent.is_empty() {
            write!(f, ", without {}", self.absent.join(", "))?;
        }
        if let Some(isolation) = self.least_isolation() {
            write!(f, ", {isolation}")?;
        }
        self.failures().try_for_each(|failure| write!(f, "\n{failure}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::result::JobOutcome;

    fn evidence(outcomes: &[JobOutcome]) -> TestEvidence {
        let result = |outcome: &JobOutcome| TestResult {
            name: "unit".into(),
            outcome: outcome.clone(),
            duration_ms: 1500,
            log: Some("/logs/unit.1.log".into()),
            tail: vec!["assertion failed".into()],
            isolation: None,
        };
        TestEvidence {
            tree: "a".repeat(40).parse().unwrap(),
            started: "2026-03-02T09:00:00Z".parse().unwrap(),
            host: Host { os: "linux".into(), architecture: "x86_64".into(), cores: 2 },
            results: outcomes.iter().map(result).collect(),
            absent: Vec::new(),
        }
    }

    #[test]
    fn green_needs_at_least_one_suite_and_all_of_them() {
        assert!(evidence(&[JobOutcome::Passed, JobOutcome::Passed]).green());
        assert!(!evidence(&[JobOutcome::Passed, JobOutcome::TimedOut]).green());
        assert!(!evidence(&[]).green());
    }

    #[test]
    fn failing_suite_explains_itself() {
        let shown = evidence(&[JobOutcome::Passed, JobOutcome::Failed { code: 2 }]).to_string();
        assert_eq!(
            shown,
            "1 of 2 suites passed on tree aaaaaaaaaa\n`unit` failed with exit code 2 (1.5 s)\n  | assertion \
             failed\n  log: /logs/unit.1.log"
        );
    }

    #[test]
    fn en_06_evidence_survives_the_journal() {
        let before = evidence(&[JobOutcome::Unavailable { why: "`cmake` not on PATH".into() }]);
        let text = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::from_str::<TestEvidence>(&text).unwrap(), before);
    }
}
