//! What came of a test command.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::isolation::Isolation;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum JobOutcome {
    /// It exited with 0.
    Passed,
    /// It exited with 0, and says itself that it ran no test: that proves nothing.
    NoTest {
        /// Its own line about it.
        said: String,
    },
    /// It exited with another code.
    Failed {
        /// The exit code.
        code: i32,
    },
    /// A signal ended it that was not ours.
    Killed {
        /// The signal's number.
        signal: i32,
    },
    /// It was still running at its time limit and was killed with everything it had started.
    TimedOut,
    /// It could not be started, which says nothing about the fix.
    Unavailable {
        /// Why, and what to do about it.
        why: String,
    },
}

impl JobOutcome {
    /// Whether the suite accepts the tree.
    #[must_use]
    pub fn passed(&self) -> bool {
        matches!(self, JobOutcome::Passed)
    }
}

impl fmt::Display for JobOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JobOutcome::Passed => f.write_str("passed"),
            JobOutcome::NoTest { said } => write!(f, "ran no test: it says `{said}`"),
            JobOutcome::Failed { code } => write!(f, "failed with exit code {code}"),
            JobOutcome::Killed { signal } => write!(f, "was killed by signal {signal}"),
            JobOutcome::TimedOut => f.write_str("ran into its time limit"),
            JobOutcome::Unavailable { why } => write!(f, "could not run: {why}"),
        }
    }
}

/// One command, how it ended, and where to read more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestResult {
    /// The command's name in the catalog.
    pub name: String,
    /// How it ended.
    pub outcome: JobOutcome,
    /// How long it ran, in milliseconds, without the time it waited for cores.
    pub duration_ms: u64,
    /// All that it printed, both streams as they came; `None` if it was never started.
    pub log: Option<PathBuf>,
    /// The last lines of the log, without colours.
    pub tail: Vec<String>,
    /// How far it was kept from the rest of the machine; not known of commands that were never started, and of earlier
    /// versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Isolation>,
}

impl fmt::Display for TestResult {
    /// One line, and for a suite that did not pass, the end of its log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = std::time::Duration::from_millis(self.duration_ms).as_secs_f64();
        write!(f, "`{}` {} ({seconds:.1} s)", self.name, self.outcome)?;
        if self.outcome.passed() {
            return Ok(());
        }
        for line in &self.tail {
            write!(f, "\n  | {line}")?;
        }
        match &self.log {
            Some(log) => write!(f, "\n  log: {}", log.display()),
            None => Ok(()),
        }
    }
}
