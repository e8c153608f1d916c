//! Many picks from a file: one JSON object a line in, one a line out, in the same order.
//!
//! A line that cannot be read, or that names what the repository lacks, is reported in its place; the rest goes on.

use std::panic::resume_unwind;
use std::thread;
use std::time::Instant;

use super::mutual::cores;
use super::outcome::Pick;
use super::pick::{HistorySearch, Picker};
use super::request::{Against, Onto, PickRequest};
use crate::backport::merging::noise::NoiseRules;
use crate::backport::merging::opinion::SecondOpinion;
use crate::git::{GitError, Store};
use crate::ids::{CommitId, TreeId};
use crate::wording::with_causes;

/// One line of a batch: a case of the corpus. Other keys of the line are for other readers.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Case {
    /// The fix.
    pub fix: CommitId,
    /// Its parent on the default branch; without it, the fix's own only parent.
    pub fix_parent: Option<CommitId>,
    /// The commit to pick onto.
    pub bp_parent: CommitId,
}

/// One answered line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum BatchAnswer {
    /// The pick's outcome.
    Picked {
        /// The fix.
        fix: CommitId,
        /// The commit it was picked onto.
        bp_parent: CommitId,
        /// The outcome's name.
        outcome: String,
        /// The tree with the fix in it, unless a conflict stopped it.
        tree: Option<TreeId>,
        /// The conflicting paths.
        conflicts: Vec<String>,
        /// How long the pick took, in microseconds.
        us: u64,
    },
    /// The line could not be answered.
    Failed {
        /// Its number, counted from 1.
        line: usize,
        /// The place in it, counted from 1, where it cannot be read.
        column: Option<usize>,
        /// The fix, if the line could be read so far.
        fix: Option<CommitId>,
        /// The commit to pick onto, if the line could be read so far.
        bp_parent: Option<CommitId>,
        /// Always `error`.
        outcome: String,
        /// What is wrong.
        error: String,
        /// What to do about it, if there is something.
        hint: Option<String>,
    },
}

/// Answers lines of a batch, on all cores.
pub struct Batch {
    workers: Vec<Worker>,
    /// How many lines were answered.
    line: usize,
}

/// How many lines a core takes at once. Neighbouring lines are often of one fix or one branch, and share what is read.
const PART: usize = 32;
/// Fewer are not shared out: each core would read for itself what a few picks share.
const LEAST: usize = 16;

struct Worker {
    picker: Picker,
    line: usize,
}

/// How a line must look.
const SHAPE: &str =
    "a line is a JSON object with `fix` and `bp_parent`, and `fix_parent` for a merge, each a full commit id";
/// How much of a complaint is shown: it may quote what it complains about.
const LONGEST_COMPLAINT: usize = 300;

impl Batch {
    /// How long a line may be, in bytes. A case has some hundred.
    pub const LONGEST: usize = 1 << 20;

    /// A batch over one repository that adds to what is noise. Nothing is written to it.
    ///
    /// # Errors
    /// [`GitError::Open`] if the repository has gone.
    pub fn new(store: &Store, noise: NoiseRules) -> Result<Batch, GitError> {
        let mut workers = Vec::new();
        for _ in 0..cores() {
            let picker = Picker::new(store)?.with_history(HistorySearch::Skip).with_noise(noise.clone());
            workers.push(Worker { picker: picker.with_opinion(SecondOpinion::TouchedFiles), line: 0 });
        }
        Ok(Batch { workers, line: 0 })
    }

    /// How many lines it takes at once.
    #[must_use]
    pub fn at_once(&self) -> usize {
        self.workers.len() * PART
    }

    /// Answers the next lines, in their order; blank ones have no answer.
    pub fn answers(&mut self, lines: &[String]) -> Vec<BatchAnswer> {
        let part = lines.len().div_ceil(self.workers.len()).max(LEAST);
        let first = self.line;
        self.line += lines.len();
        let mut work = Vec::new();
        for (index, (lines, worker)) in lines.chunks(part).zip(&mut self.workers).enumerate() {
            worker.line = first + index * part;
            work.push((worker, lines));
        }
        let mut work = work.into_iter();
        let own = work.next();
        thread::scope(|scope| {
            let others: Vec<_> =
                work.map(|(worker, lines)| scope.spawn(move || worker.answers(lines))).collect();
            let mut answers = own.map(|(worker, lines)| worker.answers(lines)).unwrap_or_default();
            for other in others {
                answers.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            answers
        })
    }
}

impl Worker {
    fn answers(&mut self, lines: &[String]) -> Vec<BatchAnswer> {
        lines.iter().filter_map(|line| self.answer(line)).collect()
    }

    /// Answers one line; `None` for a blank one.
    fn answer(&mut self, line: &str) -> Option<BatchAnswer> {
        self.line += 1;
        if line.trim().is_empty() {
            return None;
        }
        if line.len() > Batch::LONGEST {
            let error = format!("the line is longer than {} bytes", Batch::LONGEST);
            return Some(self.failed(None, None, error, Some(SHAPE.to_owned())));
        }
        let case: Case = match serde_json::from_str(line) {
            Ok(case) => case,
            Err(error) => return Some(self.unreadable(&error)),
        };
        let started = Instant::now();
        let request = PickRequest {
            fix: case.fix.clone(),
            against: case.fix_parent.clone().map_or(Against::Parent, Against::Commit),
            onto: Onto::Commit(case.bp_parent.clone()),
        };
        let picked = self.picker.try_pick(&request);
        let us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Some(match picked {
            Ok(pick) => answered(case, &pick, us),
            Err(error) => {
                let hint = error.hint().map(str::to_owned);
                self.failed(Some(case), None, with_causes(&error), hint)
            }
        })
    }

    fn unreadable(&self, error: &serde_json::Error) -> BatchAnswer {
        // The number of the line would be that in the text given, which is always the first.
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or_default();
        let what: String = what.chars().take(LONGEST_COMPLAINT).collect();
        self.failed(None, Some(error.column()), what, Some(SHAPE.to_owned()))
    }

    fn failed(
        &self,
        case: Option<Case>,
        column: Option<usize>,
        error: String,
        hint: Option<String>,
    ) -> BatchAnswer {
        let (fix, bp_parent) = case.map(|case| (case.fix, case.bp_parent)).unzip();
        BatchAnswer::Failed {
            line: self.line,
            column,
            fix,
            bp_parent,
            outcome: "error".to_owned(),
            error,
            hint,
        }
    }
}

fn answered(case: Case, pick: &Pick, us: u64) -> BatchAnswer {
    BatchAnswer::Picked {
        fix: case.fix,
        bp_parent: case.bp_parent,
        outcome: pick.outcome.name().to_owned(),
        tree: pick.tree.clone(),
        conflicts: pick.conflicting_paths(),
        us,
    }
}
