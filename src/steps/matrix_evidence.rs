//! What the project's own CI said of a tree, as the journal keeps it: every entry, attempted or not.
//!
//! Fields are never renamed, only added to.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ids::{CommitId, Digest};
use crate::jobs::Isolation;
use crate::runner::{EntryOutcome, TestCases};
use crate::wording::counted;

/// How many names are listed of entries that were not attempted for one reason.
const MOST_NAMES: usize = 4;

/// What the project's own CI said of a tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MatrixEvidence {
    /// The event whose entries these are; `None` where none starts anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The commit that was checked out.
    pub commit: CommitId,
    /// The entries that were attempted, in the order of the plan.
    pub attempted: Vec<EntryFinding>,
    /// Those that were not, by reason.
    pub missing: Vec<MissingEntries>,
}

/// An entry that was attempted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntryFinding {
    /// The file that starts it.
    pub workflow: String,
    /// The id of its job.
    pub job: String,
    /// The name that GitHub shows.
    pub name: String,
    /// The values of its matrix.
    pub matrix: serde_json::Value,
    /// What it came to.
    pub outcome: EntryOutcome,
    /// Why, unless it passed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What follows for the target.
    pub standing: Standing,
    /// What ran it.
    pub executor: String,
    /// The worker that ran it, if that was another machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// The digest of what the result may depend on beside the tree.
    pub environment: Digest,
    /// The machine, as it was found inside the sandbox.
    pub machine: String,
    /// How far it was kept from the rest of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Isolation>,
    /// How long its attempts on the tree took, in milliseconds.
    pub duration_ms: u64,
    /// The logs of the attempts on the tree, and of the one on the base.
    pub logs: Vec<KeptLog>,
    /// The last lines of the log of a first attempt that did not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tail: Vec<String>,
    /// What JUnit files say that its last attempt left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCases>,
}

/// A log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLog {
    /// Where it is.
    pub path: PathBuf,
    /// Its digest.
    pub digest: Digest,
}

/// Entries that were not attempted for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingEntries {
    /// Why.
    pub why: String,
    /// What follows for the target.
    pub standing: Standing,
    /// Their names.
    pub names: Vec<String>,
}

/// What an entry means for its target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "by")]
pub enum Standing {
    /// It passed.
    Proves,
    /// It did not pass or was not attempted, and holds nothing up: by what.
    LetGo(String),
    /// People must say why the target goes on without it.
    Holds,
}

impl MatrixEvidence {
    /// The entries that passed.
    pub fn passed(&self) -> impl Iterator<Item = &EntryFinding> {
        self.attempted.iter().filter(|entry| entry.standing == Standing::Proves)
    }

    /// Whether nothing holds the target up.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        let standings = self.attempted.iter().map(|entry| &entry.standing);
        standings
            .chain(self.missing.iter().map(|missing| &missing.standing))
            .all(|one| *one != Standing::Holds)
    }

    /// How many entries there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.attempted.len() + self.missing.iter().map(|missing| missing.names.len()).sum::<usize>()
    }

    /// How far the entry was kept from this machine that was kept from it the least.
    #[must_use]
    pub fn least_isolation(&self) -> Option<&Isolation> {
        let known = || self.attempted.iter().filter_map(|entry| entry.isolation.as_ref());
        known().find(|isolation| !isolation.is_whole()).or(known().next())
    }

    /// Counts in a line.
    #[must_use]
    pub fn headline(&self) -> String {
        let Some(event) = &self.event else { return "no CI here: no event starts anything".to_owned() };
        let passed = self.passed().count();
        let all = counted(self.count(), "CI entry");
        let apart = [
            (self.attempted.len() - passed, "did not pass"),
            (self.count() - self.attempted.len(), "not attempted"),
        ];
        let apart =
            apart.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
        format!("{passed} of {all} ({event}) passed{}", apart.collect::<String>())
    }

    /// What did not pass and what was not attempted, a line each, the first lines of logs left out.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        self.not_passed().map(ToString::to_string).chain(self.besides()).collect()
    }

    /// The entries that were attempted and did not pass.
    pub fn not_passed(&self) -> impl Iterator<Item = &EntryFinding> {
        self.attempted.iter().filter(|entry| entry.standing != Standing::Proves)
    }

    /// What speaks against entries that passed, and what was not attempted, a line each.
    fn besides(&self) -> impl Iterator<Item = String> {
        self.passed().filter_map(EntryFinding::doubt).chain(self.missing.iter().map(ToString::to_string))
    }
}

impl EntryFinding {
    /// What speaks against an entry that passed.
    fn doubt(&self) -> Option<String> {
        let tests = self.tests.as_ref()?;
        let name = &self.name;
        match tests {
            TestCases { failed: 0, tests: 0, .. } => {
                Some(format!("{name}: passed, but its JUnit files hold no test"))
            }
            TestCases { failed: 0, .. } => None,
            TestCases { failed, tests, .. } => {
                Some(format!("{name}: passed, but {failed} of {tests} tests failed by its JUnit files"))
            }
        }
    }
}

impl fmt::Display for EntryFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.outcome.word())?;
        if let Some(worker) = &self.worker {
            write!(f, " on {worker}")?;
        }
        if !self.why.is_empty() {
            write!(f, ": {}", self.why)?;
        }
        write!(f, "{}", self.standing)
    }
}

impl fmt::Display for MissingEntries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.names.len();
        let shown: Vec<&str> = self.names.iter().take(MOST_NAMES).map(String::as_str).collect();
        write!(f, "{}: {} not attempted ({}", self.why, counted(count, "entry"), shown.join(", "))?;
        if count > MOST_NAMES {
            write!(f, " and {} more", count - MOST_NAMES)?;
        }
        write!(f, "){}", self.standing)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Standing::Proves => Ok(()),
            Standing::LetGo(by) if by.is_empty() => Ok(()),
            Standing::LetGo(by) => write!(f, "; {by}"),
            Standing::Holds => f.write_str("; HOLDS THE TARGET UP"),
        }
    }
}

impl fmt::Display for MatrixEvidence {
    /// For whoever is asked: counts, and what did not pass with the end of its log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        if let Some(isolation) = self.least_isolation() {
            write!(f, ", {isolation}")?;
        }
        for entry in self.not_passed() {
            write!(f, "\n{entry}")?;
            for line in &entry.tail {
                write!(f, "\n  | {line}")?;
            }
            for log in &entry.logs {
                write!(f, "\n  log: {}", log.path.display())?;
            }
        }
        self.besides().try_for_each(|line| write!(f, "\n{line}"))
    }
}
