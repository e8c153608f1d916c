//! What counts as a pass. A pass is only what the planner expected, what the executor says succeeded for that very matrix,
//! what ran at least one step, and what ran on the machine that the entry asks for.

use serde::{Deserialize, Serialize};

use super::executor::{AttemptEnd, AttemptReport, StepRecord};
use crate::matrix::{CiEntry, EntryVerdict, RunnerClass, Value, as_json};

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttemptOutcome {
    /// It passed, and nothing speaks against it.
    Passed,
    /// A step failed.
    Failed,
    /// It ran into its time limit.
    TimedOut,
    /// It succeeded without having done anything, or says itself that it ran no test.
    NothingRan,
    /// It ran on another kind of machine than it asks for.
    WrongMachine,
    /// The executor ran something else, or what nobody expected.
    NotExpected,
    /// It hangs on what is not known here.
    Undecided,
    /// Something that it needs is not available here.
    Unavailable,
}

impl AttemptOutcome {
    /// Whether the job itself said no.
    pub fn is_failure(self) -> bool {
        matches!(self, AttemptOutcome::Failed | AttemptOutcome::TimedOut)
    }
}

/// What a report comes to, and why.
pub fn judge(entry: &CiEntry, report: &AttemptReport) -> (AttemptOutcome, String) {
    let said = |outcome, why: &String| (outcome, why.clone());
    match &report.end {
        AttemptEnd::Failed(why) => said(AttemptOutcome::Failed, why),
        AttemptEnd::TimedOut(why) => said(AttemptOutcome::TimedOut, why),
        AttemptEnd::Undecided(on) => said(AttemptOutcome::Undecided, &format!("it hangs on `{on}`")),
        AttemptEnd::Unavailable(what) => said(AttemptOutcome::Unavailable, what),
        AttemptEnd::Succeeded => against(entry, report).unwrap_or((AttemptOutcome::Passed, String::new())),
    }
}

/// What speaks against a success.
fn against(entry: &CiEntry, report: &AttemptReport) -> Option<(AttemptOutcome, String)> {
    // A tool or a network is missing by the text of its scripts only: it may do without.
    let expected = matches!(
        entry.verdict(),
        EntryVerdict::RunHere | EntryVerdict::NeedsNetwork | EntryVerdict::NeedsTool
    );
    if !expected {
        return Some((AttemptOutcome::NotExpected, "the plan does not have it here".to_owned()));
    }
    let matrix = as_json(&Value::object(entry.matrix.clone()));
    if report.matrix != matrix {
        let ran = &report.matrix;
        return Some((AttemptOutcome::NotExpected, format!("{ran} was run in place of {matrix}")));
    }
    let asked = match entry.runner.class() {
        RunnerClass::Hosted(system, architecture) => Some((system, architecture)),
        _ => None,
    };
    if asked.is_none() || report.machine.kind != asked {
        let why =
            format!("it asks for `{}`, this machine is `{}`", entry.runner.words(), report.machine.said);
        return Some((AttemptOutcome::WrongMachine, why));
    }
    if !report.steps.iter().any(StepRecord::proves) {
        return Some((AttemptOutcome::NothingRan, "none of its scripts ran and succeeded".to_owned()));
    }
    None
}
