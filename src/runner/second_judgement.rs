//! What was run on another machine is judged where it arrives, by the same rules.

use super::attempt::EntryAttempt;
use super::executor::{AttemptEnd, AttemptReport, FoundMachine};
use super::judgement::{AttemptOutcome, judge};
use crate::matrix::CiEntry;

/// What an attempt comes to that another machine reports: what it claims is held against the same rules once more.
pub fn judge_again(entry: &CiEntry, attempt: &EntryAttempt) -> (AttemptOutcome, String) {
    let why = || attempt.why.clone();
    let end = match attempt.outcome {
        AttemptOutcome::Failed => AttemptEnd::Failed(why()),
        AttemptOutcome::TimedOut => AttemptEnd::TimedOut(why()),
        AttemptOutcome::Undecided | AttemptOutcome::Unavailable => return (attempt.outcome, why()),
        AttemptOutcome::Passed
        | AttemptOutcome::NothingRan
        | AttemptOutcome::WrongMachine
        | AttemptOutcome::NotExpected => AttemptEnd::Succeeded,
    };
    let report = AttemptReport {
        matrix: attempt.matrix.clone(),
        end,
        machine: FoundMachine::of(&attempt.machine),
        steps: attempt.steps.clone(),
        outputs: attempt.outputs.clone(),
    };
    let (outcome, found) = judge(entry, &report);
    match outcome {
        // It speaks against itself, and knows more.
        AttemptOutcome::Passed => (attempt.outcome, why()),
        _ => (outcome, found),
    }
}
